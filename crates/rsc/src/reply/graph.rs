//! How deep and how large a reply is for what follows its references.

use std::collections::BTreeMap;

use super::error::{Limited, ReplyError};
use super::forest::{Forest, Value, ValueId};
use super::limits::ReplyLimits;
use super::tag::Tag;

/// What a walk found.
pub(super) struct Graph {
    pub(super) depth: usize,
    pub(super) cycles: usize,
    pub(super) work: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    Open,
    Done,
}

/// What is known of a value: `depth` levels, and `size` values and bytes of text with everything that it refers to. What
/// leads back counts as nothing.
#[derive(Clone, Copy)]
struct Known {
    mark: Mark,
    depth: usize,
    size: u64,
}

/// Walks from `roots` once over every value, in the order in which React does. Promises and streams are not followed: what
/// they give is read when somebody waits for it, and is a root of its own.
pub(super) fn walk(
    forest: &Forest<'_>,
    targets: &BTreeMap<ValueId, ValueId>,
    roots: impl Iterator<Item = ValueId>,
    limits: &ReplyLimits,
) -> Result<Graph, ReplyError> {
    let mut known = vec![Known { mark: Mark::New, depth: 0, size: 0 }; forest.values.len()];
    let mut graph = Graph { depth: 0, cycles: 0, work: 0 };
    let mut shared = 0_u64;
    let mut open: Vec<(ValueId, usize)> = Vec::new();
    for root in roots {
        if known[root as usize].mark == Mark::New {
            known[root as usize] = begin(forest, root);
            open.push((root, 0));
        }
        while let Some((id, next)) = open.last_mut() {
            graph.work += 1;
            let (id, child) = (*id, child(forest, targets, *id, *next));
            *next += 1;
            let Some(child) = child else {
                open.pop();
                let done = &mut known[id as usize];
                done.mark = Mark::Done;
                let done = *done;
                graph.depth = graph.depth.max(done.depth);
                if done.depth > limits.max_depth {
                    return Err(ReplyError::over(Limited::Depth, limits.max_depth));
                }
                if let Some(&(parent, _)) = open.last() {
                    known[parent as usize].add(done);
                }
                continue;
            };
            match known[child as usize].mark {
                Mark::New => {
                    known[child as usize] = begin(forest, child);
                    open.push((child, 0));
                }
                Mark::Open => {
                    graph.cycles += 1;
                    if graph.cycles > limits.max_cycles {
                        return Err(ReplyError::over(Limited::Cycles, limits.max_cycles));
                    }
                }
                Mark::Done => {
                    let again = known[child as usize];
                    known[id as usize].add(again);
                    shared = shared.saturating_add(again.size);
                    if shared > limits.max_sharing {
                        return Err(ReplyError::OverLimit { what: Limited::Sharing, limit: limits.max_sharing });
                    }
                }
            }
        }
    }
    Ok(graph)
}

impl Known {
    fn add(&mut self, child: Self) {
        self.depth = self.depth.max(child.depth + 1);
        self.size = self.size.saturating_add(child.size);
    }
}

/// A value by itself. Containers are a level.
fn begin(forest: &Forest<'_>, id: ValueId) -> Known {
    let (depth, text) = match forest.value(id) {
        Value::Plain { .. } => (0, 0),
        Value::Text(text) | Value::Tagged(_, text) | Value::Unknown(text) => (0, text.len()),
        Value::Array(_) | Value::Object(_) => (1, 0),
    };
    Known { mark: Mark::Open, depth, size: 1 + text as u64 }
}

/// What React reads while it reads a value, one after the other.
fn child(forest: &Forest<'_>, targets: &BTreeMap<ValueId, ValueId>, id: ValueId, index: usize) -> Option<ValueId> {
    match forest.value(id) {
        Value::Array(range) | Value::Object(range) => forest.children[range.clone()].get(index).copied(),
        Value::Tagged(Tag::Promise(_), _) => None,
        Value::Tagged(..) if index == 0 => targets.get(&id).copied(),
        _ => None,
    }
}
