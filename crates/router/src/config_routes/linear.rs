//! Patterns and conditions as regexes that run in linear time.
//!
//! Next's patterns are JavaScript's, which may look ahead. The one use that everybody has, `/((?!api|_next).*)`, needs no
//! backtracking: where a look-ahead stands at a place of the path that everything before it fixes, "not followed by this"
//! is a second regex. What needs more is refused when the app is built.

use regex::{Captures, Regex, RegexBuilder};

use super::pattern::{Malformed, Modifier, Param, Token};
use crate::encoding;

/// A regex and what must, or must not, stand at a fixed place of the text.
#[derive(Debug, Clone)]
pub(super) struct Linear {
    regex: Regex,
    guards: Vec<Guard>,
}

#[derive(Debug, Clone)]
struct Guard {
    regex: Regex,
    wanted: bool,
    /// It holds only where this group took part.
    group: usize,
}

impl Linear {
    /// All of a path, with or without a slash at its end.
    pub(super) fn path(tokens: &[Token], ignore_case: bool) -> Result<Self, Malformed> {
        let mut main = String::from("^");
        let mut guards = Vec::new();
        let mut groups = 0;
        for (index, token) in tokens.iter().enumerate() {
            match token {
                Token::Text(text) => main.push_str(&regex::escape(&canonical_text(text))),
                Token::Param(param) => {
                    groups += usize::from(param.captures);
                    let (heads, body) = split(param, before(&tokens[..index], param)?)?;
                    if !heads.is_empty() {
                        let before = fixed(&tokens[..index], param)?;
                        for (wanted, head) in heads {
                            let source = format!("^{before}(?:{head})");
                            guards.push(Guard { regex: compile(&source, ignore_case)?, wanted, group: groups });
                        }
                    }
                    push(&mut main, param, &body);
                }
            }
        }
        main.push_str("(?:/)?$");
        let regex = compile(&main, ignore_case)?;
        if regex.captures_len() != groups + 1 {
            return Err(Malformed("captures inside a parameter; write `(?:…)` for a group".to_owned()));
        }
        Ok(Self { regex, guards })
    }

    /// All of a value: what `has` and `missing` compare with.
    pub(super) fn value(source: &str) -> Result<Self, Malformed> {
        let (heads, body) = look_aheads(source)?;
        let mut guards = Vec::new();
        for (wanted, head) in heads {
            guards.push(Guard { regex: compile(&format!("^(?:{head})"), false)?, wanted, group: 0 });
        }
        Ok(Self { regex: compile(&format!("^(?:{body})$"), false)?, guards })
    }

    /// The captures of a text that matches.
    pub(super) fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        let captures = self.regex.captures(text)?;
        let holds = |guard: &Guard| captures.get(guard.group).is_none() || guard.regex.is_match(text) == guard.wanted;
        self.guards.iter().all(holds).then_some(captures)
    }

    /// The names of the groups that have one, with their numbers.
    pub(super) fn names(&self) -> impl Iterator<Item = (usize, &str)> {
        self.regex.capture_names().enumerate().filter_map(|(index, name)| Some((index, name?)))
    }
}

/// Appends the regex of a parameter.
fn push(out: &mut String, param: &Param, body: &str) {
    let prefix = regex::escape(&canonical_text(&param.prefix));
    let suffix = regex::escape(&canonical_text(&param.suffix));
    let sign = match param.modifier {
        Modifier::Once => "",
        Modifier::Optional => "?",
        Modifier::Any => "*",
        Modifier::Many => "+",
    };
    if !param.captures {
        out.push_str(&format!("(?:{prefix}{suffix}){sign}"));
    } else if param.modifier.repeats() {
        let end = if param.modifier == Modifier::Any { "?" } else { "" };
        out.push_str(&format!("(?:{prefix}((?:{body})(?:{suffix}{prefix}(?:{body}))*){suffix}){end}"));
    } else {
        out.push_str(&format!("(?:{prefix}({body}){suffix}){sign}"));
    }
}

/// The text before a parameter, which says where its value begins.
fn before<'a>(tokens: &'a [Token], param: &'a Param) -> Result<&'a str, Malformed> {
    match tokens.last() {
        _ if !param.prefix.is_empty() => Ok(&param.prefix),
        Some(Token::Text(text)) => Ok(text),
        Some(Token::Param(_)) if param.captures && param.regex.is_none() => {
            Err(Malformed("has two parameters with nothing between them".to_owned()))
        }
        Some(Token::Param(_)) | None => Ok(""),
    }
}

/// The look-aheads that a parameter begins with, and the rest of its regex.
fn split(param: &Param, before: &str) -> Result<(Vec<(bool, String)>, String), Malformed> {
    let Some(source) = &param.regex else {
        // What begins with a dot ends before the next one.
        let mut chars = before.chars();
        let separator = chars.next().filter(|c| *c != '/' && chars.next().is_none());
        let separator = separator.map(|c| regex::escape(&c.to_string())).unwrap_or_default();
        return Ok((Vec::new(), format!("[^/{separator}]+?")));
    };
    let (heads, body) = look_aheads(source)?;
    if !heads.is_empty() && param.modifier.repeats() {
        return Err(not_linear("looks ahead in a parameter that repeats"));
    }
    Ok((heads, body))
}

/// What stands before a parameter, if there is only one way in which a path can begin like that.
fn fixed(before: &[Token], param: &Param) -> Result<String, Malformed> {
    let mut source = String::new();
    for (index, token) in before.iter().enumerate() {
        match token {
            Token::Text(text) => source.push_str(&regex::escape(&canonical_text(text))),
            Token::Param(one) => {
                // A whole segment: the slash behind it is where it ends.
                let next = match before.get(index + 1) {
                    Some(Token::Text(text)) => text.as_str(),
                    Some(Token::Param(next)) => next.prefix.as_str(),
                    None => param.prefix.as_str(),
                };
                if one.regex.is_some() || one.modifier != Modifier::Once || !one.captures || !next.starts_with('/') {
                    return Err(not_linear("looks ahead behind something that does not end at a known place"));
                }
                source.push_str(&format!("{}[^/]+{}", regex::escape(&one.prefix), regex::escape(&one.suffix)));
            }
        }
    }
    source.push_str(&regex::escape(&canonical_text(&param.prefix)));
    Ok(source)
}

/// Takes `(?!…)` and `(?=…)` off the beginning of a regex.
fn look_aheads(source: &str) -> Result<(Vec<(bool, String)>, String), Malformed> {
    let mut heads = Vec::new();
    let mut rest = source;
    while let Some((wanted, inside)) =
        rest.strip_prefix("(?!").map(|rest| (false, rest)).or_else(|| rest.strip_prefix("(?=").map(|rest| (true, rest)))
    {
        let end = closing(inside).ok_or_else(|| Malformed("has a `(` that is never closed".to_owned()))?;
        heads.push((wanted, translate(&inside[..end])));
        rest = &inside[end + 1..];
    }
    Ok((heads, translate(rest)))
}

/// Where the group that is open at the beginning is closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1_u32;
    let mut in_class = false;
    let mut bytes = text.bytes().enumerate();
    while let Some((index, byte)) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'[' => in_class = true,
            b']' => in_class = false,
            b'(' if !in_class => depth += 1,
            b')' if !in_class => {
                depth -= 1;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ => {}
        }
    }
    None
}

/// JavaScript's spelling to this crate's: inside a class, `[`, `&` and `~` are only themselves.
fn translate(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut in_class = false;
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                out.push(c);
                out.extend(chars.next());
                continue;
            }
            '[' if !in_class => in_class = true,
            ']' => in_class = false,
            '[' | '&' | '~' if in_class => out.push('\\'),
            _ => {}
        }
        out.push(c);
    }
    out
}

/// Text of a pattern as a canonical path has it.
fn canonical_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut decoded = Vec::new();
    for (index, piece) in text.split('/').enumerate() {
        if index > 0 {
            out.push('/');
        }
        match encoding::decode_segment(piece.as_bytes(), &mut decoded) {
            Ok(()) => encoding::encode_segment(&decoded, &mut out),
            // No request has it: it may as well be looked for as it is.
            Err(_) => out.push_str(piece),
        }
    }
    out
}

fn compile(source: &str, ignore_case: bool) -> Result<Regex, Malformed> {
    RegexBuilder::new(source).case_insensitive(ignore_case).size_limit(1 << 20).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => Malformed("is too large".to_owned()),
        other => {
            let text = other.to_string();
            if text.contains("look-around") || text.contains("backreferences") {
                not_linear("looks around, or back at what it matched")
            } else {
                let last = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                Malformed(format!("is no regex: {last}"))
            }
        }
    })
}

fn not_linear(problem: &str) -> Malformed {
    Malformed(format!("{problem}, which cannot be matched in linear time"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::pattern::parse;
    use super::*;

    fn matches(source: &str, path: &str) -> Option<Vec<Option<String>>> {
        let linear = Linear::path(&parse(source).unwrap(), true).unwrap();
        let captures = linear.captures(path)?;
        Some(captures.iter().skip(1).map(|group| group.map(|group| group.as_str().to_owned())).collect())
    }

    #[test]
    fn a_pattern_takes_all_of_a_path() {
        assert_eq!(matches("/a", "/a"), Some(vec![]));
        assert_eq!(matches("/a", "/a/"), Some(vec![]));
        assert_eq!(matches("/a", "/A"), Some(vec![]));
        assert_eq!(matches("/a", "/a/b"), None);
        assert_eq!(matches("/a", "/ab"), None);
        assert_eq!(matches("/é", "/%C3%A9"), Some(vec![]));
        assert_eq!(matches("/%c3%a9", "/%C3%A9"), Some(vec![]));
    }

    #[test]
    fn parameters_take_segments() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(matches("/b/:x", "/b/1"), Some(vec![some("1")]));
        assert_eq!(matches("/b/:x", "/b"), None);
        assert_eq!(matches("/b/:x?", "/b"), Some(vec![None]));
        assert_eq!(matches("/b/:x*", "/b"), Some(vec![None]));
        assert_eq!(matches("/b/:x*", "/b/1/2"), Some(vec![some("1/2")]));
        assert_eq!(matches("/b/:x+", "/b"), None);
        assert_eq!(matches("/f.:x", "/f.txt"), Some(vec![some("txt")]));
        assert_eq!(matches("/f.:x", "/f.a.b"), None);
        assert_eq!(matches("/f-:x", "/f-a-b"), Some(vec![some("a-b")]));
        assert_eq!(matches("/b/:y(\\d{2})/:x", "/b/12/z"), Some(vec![some("12"), some("z")]));
        assert_eq!(matches("/b/:y(\\d{2})/:x", "/b/123/z"), None);
        assert_eq!(matches("/o{/:p}?/e", "/o/e"), Some(vec![None]));
        assert_eq!(matches("/:path([^[&]+)", "/a"), Some(vec![some("a")]));
    }

    #[test]
    fn a_look_ahead_at_a_known_place_is_a_second_regex() {
        let matcher = "/((?!api|_next/static|favicon.ico$).*)";
        for (path, wanted) in [
            ("/", true),
            ("/a", true),
            ("/api", false),
            ("/apix", false),
            ("/_next/static/x", false),
            ("/_next/x", true),
            ("/favicon.ico", false),
            ("/favicon.icon", true),
            ("/x/api", true),
        ] {
            assert_eq!(matches(matcher, path).is_some(), wanted, "{path}");
        }
        assert!(matches("/:lang/((?!api).*)", "/en/api").is_none());
        assert!(matches("/:lang/((?!api).*)", "/api/x").is_some());
        assert!(matches("/a/:rest((?=x)(?!xy).*)", "/a/xz").is_some());
        assert!(matches("/a/:rest((?=x)(?!xy).*)", "/a/xy").is_none());
        assert!(matches("/a/:rest((?!no).*)?", "/a").is_some());
    }

    #[test]
    fn what_needs_backtracking_is_refused() {
        for source in ["/(a(?!b).*)", "/:a(\\w+)x/((?!b).*)", "/:a((?!b)\\w+)*", "/(?<=a)b", "/(\\w)(\\1)"] {
            let refused = match parse(source) {
                Ok(tokens) => Linear::path(&tokens, true).is_err(),
                Err(_) => true,
            };
            assert!(refused, "{source}");
        }
        assert!(Linear::value("(?<=a)b").is_err());
        assert!(Linear::value("a{9999}{9999}").is_err());
    }

    #[test]
    fn a_value_is_compared_as_a_whole() {
        let value = Linear::value("(?<who>ann|bob)").unwrap();
        assert!(value.captures("ann").is_some() && value.captures("annie").is_none());
        assert_eq!(value.names().collect::<Vec<_>>(), [(1, "who")]);
        assert!(Linear::value("(?!x).*").unwrap().captures("xa").is_none());
    }
}
