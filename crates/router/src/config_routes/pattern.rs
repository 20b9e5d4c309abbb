//! The pattern language of `source` and of proxy matchers: path-to-regexp 6, as Next documents it.
//!
//! Only the grammar is here. [`super::linear`] turns it into something that runs in linear time.

use std::iter::Peekable;
use std::str::CharIndices;

/// How often a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Modifier {
    Once,
    /// `?`
    Optional,
    /// `*`
    Any,
    /// `+`
    Many,
}

impl Modifier {
    pub(super) const fn repeats(self) -> bool {
        matches!(self, Self::Any | Self::Many)
    }

    const fn of(sign: char) -> Option<Self> {
        match sign {
            '?' => Some(Self::Optional),
            '*' => Some(Self::Any),
            '+' => Some(Self::Many),
            _ => None,
        }
    }
}

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Text(String),
    Param(Param),
}

/// A parameter: `:name`, `(regex)`, `:name(regex)`, or a group in braces that may hold none of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Param {
    /// `None` for a bare `(regex)`, and for braces around text alone.
    pub(super) name: Option<String>,
    /// What stands before each occurrence: a `/` or `.`, or the text in the braces.
    pub(super) prefix: String,
    pub(super) suffix: String,
    /// The regex that was written; `None` for what lies between two slashes, and for braces around text alone.
    pub(super) regex: Option<String>,
    /// False for braces around text alone.
    pub(super) captures: bool,
    pub(super) modifier: Modifier,
}

/// What is wrong with a pattern, in words that continue a sentence about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) String);

fn malformed<T>(problem: impl Into<String>) -> Result<T, Malformed> {
    Err(Malformed(problem.into()))
}

struct Reader<'a> {
    chars: Peekable<CharIndices<'a>>,
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<char> {
        self.chars.peek().map(|&(_, c)| c)
    }

    fn take(&mut self, wanted: char) -> bool {
        self.chars.next_if(|&(_, c)| c == wanted).is_some()
    }

    fn modifier(&mut self) -> Modifier {
        let modifier = self.peek().and_then(Modifier::of);
        if modifier.is_some() {
            self.chars.next();
        }
        modifier.unwrap_or(Modifier::Once)
    }

    /// A character that stands for itself, or one that a backslash makes stand for itself.
    fn literal(&mut self) -> Result<Option<char>, Malformed> {
        match self.peek() {
            Some('\\') => {
                self.chars.next();
                match self.chars.next() {
                    Some((_, c)) => Ok(Some(c)),
                    None => malformed("ends with a backslash"),
                }
            }
            Some('(' | ':' | '{' | '}' | '*' | '+' | '?') | None => Ok(None),
            Some(c) => {
                self.chars.next();
                Ok(Some(c))
            }
        }
    }

    fn name(&mut self) -> Result<Option<String>, Malformed> {
        if !self.take(':') {
            return Ok(None);
        }
        let mut name = String::new();
        while let Some((_, c)) = self.chars.next_if(|&(_, c)| c.is_ascii_alphanumeric() || c == '_') {
            name.push(c);
        }
        if name.is_empty() { malformed("has a `:` without a name; write `\\\\:` for a colon") } else { Ok(Some(name)) }
    }

    fn regex(&mut self) -> Result<Option<String>, Malformed> {
        if !self.take('(') {
            return Ok(None);
        }
        let mut regex = String::new();
        let mut depth = 1_u32;
        while let Some((_, c)) = self.chars.next() {
            match c {
                '\\' => {
                    regex.push(c);
                    match self.chars.next() {
                        Some((_, escaped)) => regex.push(escaped),
                        None => break,
                    }
                    continue;
                }
                '(' => {
                    depth += 1;
                    if self.peek() != Some('?') {
                        return malformed("captures inside a parameter; write `(?:…)` for a group");
                    }
                }
                ')' => {
                    depth -= 1;
                    if depth == 0 {
                        return if regex.is_empty() { malformed("has an empty `()`") } else { Ok(Some(regex)) };
                    }
                }
                _ => {}
            }
            regex.push(c);
        }
        malformed("has a `(` that is never closed")
    }
}

/// Reads a pattern.
pub(super) fn parse(source: &str) -> Result<Vec<Token>, Malformed> {
    let mut reader = Reader { chars: source.char_indices().peekable() };
    let mut tokens = Vec::new();
    let mut text = String::new();
    let flush = |text: &mut String, tokens: &mut Vec<Token>| {
        if !text.is_empty() {
            tokens.push(Token::Text(std::mem::take(text)));
        }
    };
    loop {
        if let Some(c) = reader.literal()? {
            text.push(c);
            continue;
        }
        let name = reader.name()?;
        let regex = reader.regex()?;
        if name.is_some() || regex.is_some() {
            // The delimiter before a parameter belongs to it: it goes when the parameter does.
            let prefix = match text.pop() {
                Some(c @ ('/' | '.')) => c.to_string(),
                Some(other) => {
                    text.push(other);
                    String::new()
                }
                None => String::new(),
            };
            flush(&mut text, &mut tokens);
            let modifier = reader.modifier();
            tokens.push(Token::Param(Param { name, prefix, suffix: String::new(), regex, captures: true, modifier }));
        } else if reader.take('{') {
            flush(&mut text, &mut tokens);
            tokens.push(Token::Param(braces(&mut reader)?));
        } else {
            match reader.peek() {
                None => break,
                Some(sign) => {
                    return malformed(format!(
                        "has a `{sign}` that belongs to nothing; write `\\\\{sign}` for the sign"
                    ));
                }
            }
        }
    }
    flush(&mut text, &mut tokens);
    check_names(&tokens)?;
    Ok(tokens)
}

fn braces(reader: &mut Reader<'_>) -> Result<Param, Malformed> {
    let text = |reader: &mut Reader<'_>| -> Result<String, Malformed> {
        let mut text = String::new();
        while let Some(c) = reader.literal()? {
            text.push(c);
        }
        Ok(text)
    };
    let prefix = text(reader)?;
    let name = reader.name()?;
    let regex = reader.regex()?;
    let suffix = text(reader)?;
    if !reader.take('}') {
        return malformed("has a `{` that is never closed");
    }
    let modifier = reader.modifier();
    Ok(Param { captures: name.is_some() || regex.is_some(), name, prefix, suffix, regex, modifier })
}

fn check_names(tokens: &[Token]) -> Result<(), Malformed> {
    let mut seen = Vec::new();
    for token in tokens {
        let Token::Param(Param { name: Some(name), .. }) = token else { continue };
        if seen.contains(&name) {
            return malformed(format!("has two parameters called `{name}`"));
        }
        seen.push(name);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn param(name: Option<&str>, prefix: &str, regex: Option<&str>, modifier: Modifier) -> Token {
        let name = name.map(str::to_owned);
        let regex = regex.map(str::to_owned);
        Token::Param(Param { name, prefix: prefix.to_owned(), suffix: String::new(), regex, captures: true, modifier })
    }

    #[test]
    fn parameters_take_the_delimiter_before_them() {
        assert_eq!(
            parse("/blog/:slug/file.:ext?").unwrap(),
            [
                Token::Text("/blog".to_owned()),
                param(Some("slug"), "/", None, Modifier::Once),
                Token::Text("/file".to_owned()),
                param(Some("ext"), ".", None, Modifier::Optional),
            ]
        );
        assert_eq!(
            parse("/a-:b").unwrap(),
            [Token::Text("/a-".to_owned()), param(Some("b"), "", None, Modifier::Once)]
        );
    }

    #[test]
    fn regexes_may_nest_groups_that_do_not_capture() {
        assert_eq!(parse("/((?!a|(?:b)).*)").unwrap(), [param(None, "/", Some("(?!a|(?:b)).*"), Modifier::Once)]);
        assert_eq!(parse("/:y(\\d{4})+").unwrap(), [param(Some("y"), "/", Some("\\d{4}"), Modifier::Many)]);
    }

    #[test]
    fn a_backslash_makes_a_sign_text() {
        assert_eq!(parse("/a\\(1\\)\\:b").unwrap(), [Token::Text("/a(1):b".to_owned())]);
    }

    #[test]
    fn braces_group_text_with_a_parameter_or_without() {
        let tokens = parse("/a{/:b}?{-x}*").unwrap();
        assert!(
            matches!(&tokens[1], Token::Param(p) if p.prefix == "/" && p.captures && p.modifier == Modifier::Optional)
        );
        assert!(
            matches!(&tokens[2], Token::Param(p) if p.prefix == "-x" && !p.captures && p.modifier == Modifier::Any)
        );
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        for (source, word) in [
            ("/:", "without a name"),
            ("/(a", "never closed"),
            ("/()", "empty"),
            ("/((a))", "captures"),
            ("/{a", "never closed"),
            ("/a}", "belongs to nothing"),
            ("/*", "belongs to nothing"),
            ("/a\\", "backslash"),
            ("/:a/:a", "two parameters"),
        ] {
            assert!(parse(source).unwrap_err().0.contains(word), "{source}");
        }
    }
}
