//! How much of a reply is accepted.

/// What a check of replies accepts. Everything React sends for ordinary arguments is far below the defaults.
///
/// ```
/// use vinext_rsc::reply::ReplyLimits;
///
/// let limits = ReplyLimits::default().max_bytes(64 * 1024).max_depth(32);
/// assert_eq!(limits.max_depth, 32);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplyLimits {
    /// Bytes of all names and values: 1 MiB, what Next.js takes for an action.
    pub max_bytes: usize,
    /// Fields of a form: 10,000.
    pub max_fields: usize,
    /// Bytes of a field's name: 1,024.
    pub max_name_bytes: usize,
    /// Arguments of a call, and bound arguments of a server function: 1,000, React's own limit for the latter.
    pub max_arguments: usize,
    /// How deep values are nested, through references too: 512. React recurses into them.
    pub max_depth: usize,
    /// Values in all fields: 1,000,000, React's own limit for nested arrays.
    pub max_values: usize,
    /// References between values: 100,000.
    pub max_references: usize,
    /// References that lead back to what they are in: 10,000.
    pub max_cycles: usize,
    /// How much larger the whole gets for code that follows every reference, in values and bytes of text: 16 Mi. A list
    /// that refers to one large value many times is small for React, and huge for what prints or copies it.
    pub max_sharing: u64,
    /// Digits of a `BigInt`: 300, React's own limit.
    pub max_bigint_digits: usize,
}

impl Default for ReplyLimits {
    fn default() -> Self {
        Self {
            max_bytes: 1024 * 1024,
            max_fields: 10_000,
            max_name_bytes: 1024,
            max_arguments: 1000,
            max_depth: 512,
            max_values: 1_000_000,
            max_references: 100_000,
            max_cycles: 10_000,
            max_sharing: 16 * 1024 * 1024,
            max_bigint_digits: 300,
        }
    }
}

macro_rules! builder {
    ($($name:ident: $type:ty),*) => {
        impl ReplyLimits {
            $(
                #[doc = concat!("With this as [`", stringify!($name), "`](Self#structfield.", stringify!($name), ").")]
                #[must_use]
                pub const fn $name(mut self, limit: $type) -> Self {
                    self.$name = limit;
                    self
                }
            )*
        }
    };
}

builder!(
    max_bytes: usize,
    max_fields: usize,
    max_name_bytes: usize,
    max_arguments: usize,
    max_depth: usize,
    max_values: usize,
    max_references: usize,
    max_cycles: usize,
    max_sharing: u64,
    max_bigint_digits: usize
);
