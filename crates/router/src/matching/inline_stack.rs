//! A stack that needs no heap until it is deeper than `N`.

/// Holds `Copy` items; the first `N` live in the value itself.
#[derive(Debug, Clone)]
pub(super) struct InlineStack<T, const N: usize> {
    inline: [T; N],
    len: usize,
    spilled: Vec<T>,
}

impl<T: Copy + Default, const N: usize> InlineStack<T, N> {
    pub(super) fn new() -> Self {
        Self { inline: [T::default(); N], len: 0, spilled: Vec::new() }
    }

    pub(super) fn push(&mut self, item: T) {
        match self.inline.get_mut(self.len) {
            Some(place) => *place = item,
            None => self.spilled.push(item),
        }
        self.len += 1;
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        let last = self.len.checked_sub(1)?;
        self.len = last;
        if last < N { Some(self.inline[last]) } else { self.spilled.pop() }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
        self.spilled.truncate(self.len.saturating_sub(N));
    }

    pub(super) fn get(&self, index: usize) -> Option<T> {
        if index >= self.len {
            None
        } else if index < N {
            Some(self.inline[index])
        } else {
            self.spilled.get(index - N).copied()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behaves_as_a_vector_on_both_sides_of_its_capacity() {
        let mut stack = InlineStack::<u8, 2>::new();
        for item in 0..5 {
            stack.push(item);
        }
        assert_eq!(
            (0..6).map(|index| stack.get(index)).collect::<Vec<_>>(),
            [Some(0), Some(1), Some(2), Some(3), Some(4), None]
        );
        stack.truncate(3);
        assert_eq!(
            (stack.len(), stack.pop(), stack.pop(), stack.pop(), stack.pop()),
            (3, Some(2), Some(1), Some(0), None)
        );
        stack.push(9);
        assert_eq!(stack.get(0), Some(9));
    }
}
