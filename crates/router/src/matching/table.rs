//! One hash table for every static comparison of a matcher: whole static paths, and static segments below a node.
//!
//! It is built once and only read after that, so it is a flat open-addressing table over one string of keys: a lookup
//! touches a slot and a key. Its keys come from the app's own folders, so the hash needs no secret; the longest run of
//! occupied slots bounds what any path can cost.

use std::collections::HashMap;

/// Maps `(scope, text)` to a number.
#[derive(Debug, Clone)]
pub(super) struct ScopedTable {
    slots: Box<[Slot]>,
    keys: Box<str>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    /// The upper half of the hash; the lower half chose the slot.
    tag: u32,
    scope: u32,
    key_start: u32,
    key_len: u32,
    /// The value plus one; zero is an empty slot.
    value: u32,
}

impl ScopedTable {
    /// A table of these entries. Keys longer than a path can be are left out, since no lookup could find them.
    pub(super) fn new(entries: &HashMap<(u32, &str), u32>) -> Self {
        let capacity = (entries.len() * 2).next_power_of_two().max(2);
        let mut slots = vec![Slot::default(); capacity].into_boxed_slice();
        let mut keys = String::with_capacity(entries.keys().map(|(_, text)| text.len()).sum());
        let mut entries: Vec<_> = entries.iter().collect();
        entries.sort_unstable();
        for (&(scope, text), &value) in entries {
            let (Ok(key_start), Ok(key_len)) = (u32::try_from(keys.len()), u32::try_from(text.len())) else {
                continue;
            };
            let hash = hash(scope, text.as_bytes());
            let mut index = low(hash) & (capacity - 1);
            while slots[index].value != 0 {
                index = (index + 1) & (capacity - 1);
            }
            keys.push_str(text);
            slots[index] = Slot { tag: high(hash), scope, key_start, key_len, value: value + 1 };
        }
        Self { slots, keys: keys.into_boxed_str() }
    }

    #[inline]
    pub(super) fn get(&self, scope: u32, text: &[u8]) -> Option<u32> {
        let hash = hash(scope, text);
        let mask = self.slots.len() - 1;
        let mut index = low(hash) & mask;
        loop {
            let slot = &self.slots[index];
            if slot.value == 0 {
                return None;
            }
            if slot.tag == high(hash) && slot.scope == scope && slot.key_len as usize == text.len() {
                let start = slot.key_start as usize;
                if self.keys.as_bytes()[start..start + text.len()] == *text {
                    return Some(slot.value - 1);
                }
            }
            index = (index + 1) & mask;
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is what is wanted")]
const fn low(hash: u64) -> usize {
    hash as u32 as usize
}

const fn high(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// A multiply-and-fold hash over words of eight bytes; the last word may overlap the one before.
#[inline]
fn hash(scope: u32, bytes: &[u8]) -> u64 {
    let mut hash = fold(u64::from(scope) ^ 0x9E37_79B9_7F4A_7C15, bytes.len() as u64 ^ 0x2545_F491_4F6C_DD1D);
    let mut rest = bytes;
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        hash = fold(hash ^ u64::from_le_bytes(*word), 0xD6E8_FEB8_6659_FD93);
        rest = after;
    }
    if rest.is_empty() {
        return hash;
    }
    let word = if let Some(word) = bytes.last_chunk::<8>() {
        u64::from_le_bytes(*word)
    } else if let (Some(first), Some(last)) = (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last))
    } else {
        rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte))
    };
    fold(hash ^ word, 0xD6E8_FEB8_6659_FD93)
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "both halves of the product are used")]
const fn fold(one: u64, other: u64) -> u64 {
    let product = one as u128 * other as u128;
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_put_in_and_nothing_else() {
        let texts: Vec<_> = (0..3_000).map(|number| "x".repeat(number % 30) + &number.to_string()).collect();
        let entries: HashMap<_, _> =
            texts.iter().zip(0..).map(|(text, value)| ((value % 3, text.as_str()), value)).collect();
        let table = ScopedTable::new(&entries);
        for ((scope, text), value) in &entries {
            assert_eq!(table.get(*scope, text.as_bytes()), Some(*value));
            assert_eq!(table.get(*scope + 1, text.as_bytes()), entries.get(&(*scope + 1, *text)).copied());
            assert_eq!(table.get(*scope, format!("{text}x").as_bytes()), None);
        }
        assert_eq!(ScopedTable::new(&HashMap::new()).get(0, b""), None);
    }
}
