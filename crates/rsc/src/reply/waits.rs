//! Fields that wait for each other.
//!
//! Where a server function stands, React waits for the arguments that are bound to it, and the field that it stands in is
//! not done before. If those refer to that field in turn, neither is ever done, and the call never ends. Plain references
//! may form circles: they are filled in while a field is read.

/// Edges between fields, by their numbers from 0.
#[derive(Debug)]
pub(super) struct Waits {
    edges: Vec<Vec<usize>>,
}

impl Waits {
    pub(super) fn new(fields: usize) -> Self {
        Self { edges: vec![Vec::new(); fields] }
    }

    pub(super) fn add(&mut self, from: usize, to: usize) {
        self.edges[from].push(to);
    }

    /// For each field a number, equal for those that lead to each other: Tarjan's components, without recursion.
    pub(super) fn circles(&self) -> Vec<usize> {
        const NEW: usize = usize::MAX;
        let count = self.edges.len();
        let mut order = vec![NEW; count];
        let mut lowest = vec![NEW; count];
        let mut circles = vec![NEW; count];
        let (mut next_order, mut next_circle) = (0, 0);
        let mut undecided = Vec::new();
        let mut open: Vec<(usize, usize)> = Vec::new();
        for start in 0..count {
            if order[start] == NEW {
                open.push((start, 0));
            }
            while let Some((field, edge)) = open.last_mut() {
                let (field, at) = (*field, *edge);
                *edge += 1;
                if at == 0 {
                    order[field] = next_order;
                    lowest[field] = next_order;
                    next_order += 1;
                    undecided.push(field);
                }
                if let Some(&to) = self.edges[field].get(at) {
                    if order[to] == NEW {
                        open.push((to, 0));
                    } else if circles[to] == NEW {
                        lowest[field] = lowest[field].min(order[to]);
                    }
                    continue;
                }
                open.pop();
                if let Some(&(parent, _)) = open.last() {
                    lowest[parent] = lowest[parent].min(lowest[field]);
                }
                if lowest[field] == order[field] {
                    while let Some(member) = undecided.pop() {
                        circles[member] = next_circle;
                        if member == field {
                            break;
                        }
                    }
                    next_circle += 1;
                }
            }
        }
        circles
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The model: each leads to the other, found by trying every way.
        #[test]
        fn circles_are_the_fields_that_lead_to_each_other(edges in proptest::collection::vec((0_usize..7, 0_usize..7), 0..16)) {
            let mut waits = Waits::new(7);
            let mut leads = [[false; 7]; 7];
            for &(from, to) in &edges {
                waits.add(from, to);
                leads[from][to] = true;
            }
            for by in 0..7 {
                for from in 0..7 {
                    for to in 0..7 {
                        leads[from][to] |= leads[from][by] && leads[by][to];
                    }
                }
            }
            let circles = waits.circles();
            for one in 0..7 {
                for other in 0..7 {
                    let expected = one == other || (leads[one][other] && leads[other][one]);
                    prop_assert_eq!(circles[one] == circles[other], expected);
                }
            }
        }
    }
}
