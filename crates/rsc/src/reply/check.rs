//! What each value of a reply may be, and what it refers to.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::ReplyFacts;
use super::action::ActionId;
use super::error::{Limited, ReplyError, ValueProblem, excerpt};
use super::fields::Fields;
use super::forest::{Bounds, Forest, ReadError, Value, ValueId, read};
use super::graph::{Graph, walk};
use super::limits::ReplyLimits;
use super::tag::{FieldId, Stream, Tag};
use super::waits::Waits;

/// A reply that was checked.
pub(super) struct Checked {
    pub(super) facts: ReplyFacts,
    /// The root, if it is a server function: its id, and how many arguments are bound.
    pub(super) root_function: Option<(ActionId, usize)>,
}

struct Checker<'a, 'c> {
    fields: &'c Fields<'a>,
    limits: &'c ReplyLimits,
    forest: Forest<'a>,
    roots: BTreeMap<FieldId, ValueId>,
    /// The values of each stream, and whether its end has one.
    streamed: BTreeMap<FieldId, (Vec<ValueId>, bool)>,
    /// Where the values of each field begin.
    starts: Vec<(ValueId, String)>,
    /// What references refer to.
    targets: BTreeMap<ValueId, ValueId>,
    /// Fields that can be taken once, and were.
    taken: HashSet<FieldId>,
    /// Fields that are a server function, which any number of values may be.
    functions: HashSet<FieldId>,
    facts: ReplyFacts,
}

impl Checked {
    pub(super) fn new(fields: &Fields<'_>, limits: &ReplyLimits) -> Result<Self, ReplyError> {
        let mut checker = Checker {
            fields,
            limits,
            forest: Forest::default(),
            roots: BTreeMap::new(),
            streamed: BTreeMap::new(),
            starts: Vec::new(),
            targets: BTreeMap::new(),
            taken: HashSet::new(),
            functions: HashSet::new(),
            facts: ReplyFacts { files: fields.files.len(), streams: fields.streams.len(), ..ReplyFacts::NONE },
        };
        checker.read()?;
        checker.link()?;
        checker.follow()?;
        checker.wait()?;
        checker.walk()?;
        let root_function = checker.function(checker.roots[&0]);
        Ok(Self { facts: checker.facts, root_function })
    }
}

impl<'a> Checker<'a, '_> {
    /// Reads the JSON of all fields.
    fn read(&mut self) -> Result<(), ReplyError> {
        let fields = self.fields;
        for (&id, &text) in &fields.models {
            let root = self.read_text(format!("{}{id}", fields.prefix), text)?;
            self.roots.insert(id, root);
        }
        for (&id, texts) in &fields.streams {
            let name = format!("{}S{id}", fields.prefix);
            let mut values = Vec::new();
            let mut has_last = false;
            for &text in texts {
                match text.strip_prefix('C') {
                    Some("") => {}
                    Some(last) => {
                        has_last = true;
                        values.push(self.read_text(name.clone(), last)?);
                    }
                    None => values.push(self.read_text(name.clone(), text)?),
                }
            }
            self.streamed.insert(id, (values, has_last));
        }
        self.facts.values = self.forest.values.len();
        Ok(())
    }

    fn read_text(&mut self, name: String, text: &'a str) -> Result<ValueId, ReplyError> {
        let bounds = Bounds { depth: self.limits.max_depth, values: self.limits.max_values };
        let start = self.forest.values.len();
        self.facts.work += text.len() as u64;
        match read(text, bounds, &mut self.forest) {
            Ok(root) => {
                debug_assert_eq!(root as usize, start, "a value comes before what is in it");
                self.starts.push((root, name));
                Ok(root)
            }
            Err(ReadError::Json { offset, problem }) => Err(ReplyError::Json { field: name, offset, problem }),
            Err(ReadError::Depth) => Err(ReplyError::over(Limited::Depth, self.limits.max_depth)),
            Err(ReadError::Values) => Err(ReplyError::over(Limited::Values, self.limits.max_values)),
        }
    }

    /// Checks every text with a meaning, and finds what it refers to.
    fn link(&mut self) -> Result<(), ReplyError> {
        for id in (0..ValueId::MAX).take(self.forest.values.len()) {
            self.facts.work += 1;
            match self.forest.value(id) {
                Value::Unknown(_) => return Err(self.problem(id, ValueProblem::Unknown)),
                &Value::Tagged(tag, _) => {
                    self.link_tag(id, tag)?;
                    if self.facts.references > self.limits.max_references {
                        return Err(ReplyError::over(Limited::References, self.limits.max_references));
                    }
                }
                _ => {}
            }
        }
        // What a map or a server function is made of is nobody else's; a map's entries are, by a path.
        for &id in self.targets.keys() {
            if let &Value::Tagged(Tag::Reference { field, path: None } | Tag::Promise(field), _) = self.forest.value(id)
                && (self.taken.contains(&field) || self.functions.contains(&field))
            {
                return Err(self.problem(id, ValueProblem::Taken));
            }
        }
        // React awaits what has a function `then`; of what a client sends, only these can become one.
        for &id in &self.forest.thens {
            if let Value::Tagged(tag, _) = self.forest.value(id)
                && !matches!(tag, Tag::Escaped | Tag::Primitive | Tag::BigInt { .. })
            {
                return Err(self.problem(id, ValueProblem::Then));
            }
        }
        Ok(())
    }

    fn link_tag(&mut self, id: ValueId, tag: Tag) -> Result<(), ReplyError> {
        match tag {
            Tag::BigInt { digits } if digits > self.limits.max_bigint_digits => {
                return Err(ReplyError::over(Limited::BigIntDigits, self.limits.max_bigint_digits));
            }
            Tag::Escaped | Tag::Primitive | Tag::Temporary | Tag::BigInt { .. } => return Ok(()),
            Tag::Reference { field, path } => {
                let root = self.root(id, field)?;
                let target = match path {
                    None => root,
                    Some(path) => self.resolve(id, root, path)?,
                };
                self.targets.insert(id, target);
            }
            Tag::Promise(field) => {
                let root = self.root(id, field)?;
                self.targets.insert(id, root);
            }
            Tag::ServerFunction(field) => {
                let root = self.root(id, field)?;
                self.targets.insert(id, root);
                let function = self.read_function(root)?.ok_or_else(|| self.problem(id, ValueProblem::Shape))?;
                self.functions.insert(field);
                self.facts.server_functions.push(function.0);
            }
            Tag::Map(field) => {
                let root = self.list(id, field)?;
                let is_pair =
                    |&entry: &ValueId| matches!(self.forest.value(entry), Value::Array(range) if range.len() == 2);
                let entries = self.forest.children(root);
                if !entries.iter().all(is_pair) {
                    return Err(self.problem(id, ValueProblem::Shape));
                }
                self.facts.work += entries.len() as u64;
            }
            Tag::Set(field) | Tag::Iterator(field) => {
                self.list(id, field)?;
            }
            Tag::FormData(field) => {
                let fields = self.fields;
                let is_other = fields.models.contains_key(&field)
                    || fields.files.contains_key(&field)
                    || fields.streams.contains_key(&field);
                if is_other {
                    return Err(self.problem(id, ValueProblem::Shape));
                }
                self.take(id, field)?;
            }
            Tag::Blob(field) => {
                self.file(id, field)?;
            }
            Tag::Buffer { field, element, .. } => {
                if self.file(id, field)? % element != 0 {
                    return Err(self.problem(id, ValueProblem::Length));
                }
            }
            Tag::Stream { field, kind } => self.stream(id, field, kind)?,
        }
        self.facts.references += 1;
        Ok(())
    }

    /// The root of a field of values.
    fn root(&self, id: ValueId, field: FieldId) -> Result<ValueId, ReplyError> {
        self.roots.get(&field).copied().ok_or_else(|| self.problem(id, ValueProblem::Missing))
    }

    /// What a path leads to: own keys only, and an object in the end. React refers to nothing else by a path.
    fn resolve(&mut self, id: ValueId, root: ValueId, path: usize) -> Result<ValueId, ReplyError> {
        let Value::Tagged(_, text) = self.forest.value(id) else { unreachable!("only tagged text has a path") };
        let mut target = root;
        for key in text[path..].split(|&byte| byte == b':') {
            self.facts.work += key.len() as u64 + 1;
            target = self.forest.child(target, key).ok_or_else(|| self.problem(id, ValueProblem::Path))?;
        }
        let is_object = match self.forest.value(target) {
            Value::Array(_) | Value::Object(_) => true,
            Value::Tagged(tag, _) => !matches!(
                tag,
                Tag::Escaped
                    | Tag::Primitive
                    | Tag::BigInt { .. }
                    | Tag::Reference { .. }
                    | Tag::Promise(_)
                    | Tag::ServerFunction(_)
            ),
            _ => false,
        };
        if is_object { Ok(target) } else { Err(self.problem(id, ValueProblem::Path)) }
    }

    /// A field's list, which a map, a set or an iterator takes.
    fn list(&mut self, id: ValueId, field: FieldId) -> Result<ValueId, ReplyError> {
        let root = self.root(id, field)?;
        if !matches!(self.forest.value(root), Value::Array(_)) {
            return Err(self.problem(id, ValueProblem::Shape));
        }
        self.take(id, field)?;
        self.targets.insert(id, root);
        Ok(root)
    }

    /// The length of a file.
    fn file(&mut self, id: ValueId, field: FieldId) -> Result<usize, ReplyError> {
        let length = self.fields.files.get(&field).ok_or_else(|| self.problem(id, ValueProblem::Missing))?;
        self.take(id, field)?;
        Ok(*length)
    }

    fn stream(&mut self, id: ValueId, field: FieldId, kind: Stream) -> Result<(), ReplyError> {
        let (values, has_last) = self.streamed.get(&field).ok_or_else(|| self.problem(id, ValueProblem::Missing))?;
        let fits = match kind {
            Stream::Iterable => true,
            Stream::Values => !has_last,
            Stream::Bytes => {
                let is_bytes = |&id: &ValueId| {
                    matches!(self.forest.value(id), Value::Tagged(Tag::Buffer { is_bytes: true, .. }, _))
                };
                !has_last && values.iter().all(is_bytes)
            }
        };
        self.facts.work += values.len() as u64;
        if fits { self.take(id, field) } else { Err(self.problem(id, ValueProblem::Shape)) }
    }

    fn take(&mut self, id: ValueId, field: FieldId) -> Result<(), ReplyError> {
        if self.taken.insert(field) { Ok(()) } else { Err(self.problem(id, ValueProblem::Taken)) }
    }

    /// A server function: exactly an id, and `null` or a promise for a list of arguments. Keys that React keeps notes
    /// under are not a client's to write.
    fn read_function(&self, object: ValueId) -> Result<Option<(ActionId, usize)>, ReplyError> {
        let forest = &self.forest;
        if !matches!(forest.value(object), Value::Object(members) if members.len() == 2) {
            return Ok(None);
        }
        let (Some(id), Some(bound)) = (forest.child(object, b"id"), forest.child(object, b"bound")) else {
            return Ok(None);
        };
        let Value::Text(id) = forest.value(id) else { return Ok(None) };
        let bound = match forest.value(bound) {
            Value::Plain { null: true } => 0,
            Value::Tagged(Tag::Promise(field), _) => {
                let Some(&root) = self.roots.get(field) else { return Ok(None) };
                let Value::Array(arguments) = forest.value(root) else { return Ok(None) };
                arguments.len()
            }
            _ => return Ok(None),
        };
        if bound > self.limits.max_arguments {
            return Err(ReplyError::over(Limited::Arguments, self.limits.max_arguments));
        }
        Ok(Some((ActionId::read(id)?, bound)))
    }

    fn function(&self, object: ValueId) -> Option<(ActionId, usize)> {
        self.read_function(object).ok().flatten()
    }

    /// Follows references to references. What they end in is a value, and not a promise where one was awaited.
    fn follow(&mut self) -> Result<(), ReplyError> {
        let mut ends: HashMap<ValueId, ValueId> = HashMap::new();
        let mut promises = Vec::new();
        let mut path = Vec::new();
        for &start in self.targets.keys() {
            let mut at = start;
            let end = loop {
                self.facts.work += 1;
                match self.forest.value(at) {
                    _ if ends.contains_key(&at) => break ends[&at],
                    Value::Tagged(Tag::Reference { .. }, _) => {
                        // Marked before it is known, so that coming back is seen.
                        ends.insert(at, at);
                        path.push(at);
                        at = self.targets[&at];
                    }
                    _ => break at,
                }
            };
            if path.contains(&end) {
                return Err(self.problem(start, ValueProblem::Loop));
            }
            for passed in path.drain(..) {
                ends.insert(passed, end);
            }
            if matches!(self.forest.value(start), Value::Tagged(Tag::Promise(_), _)) {
                promises.push(start);
            }
        }
        let settle = |value: ValueId| ends.get(&value).copied().unwrap_or(value);
        let awaited = |value: ValueId| match self.forest.value(value) {
            Value::Tagged(Tag::Promise(_), _) => Some(settle(self.targets[&value])),
            _ => None,
        };
        for promise in promises {
            if awaited(promise).and_then(awaited).is_some() {
                return Err(self.problem(promise, ValueProblem::Promise));
            }
        }
        let root = settle(self.roots[&0]);
        if let Value::Array(arguments) = self.forest.value(awaited(root).unwrap_or(root)) {
            if arguments.len() > self.limits.max_arguments {
                return Err(ReplyError::over(Limited::Arguments, self.limits.max_arguments));
            }
            self.facts.arguments = Some(arguments.len());
        }
        Ok(())
    }

    /// Refuses server functions whose bound arguments wait for the field that they stand in.
    fn wait(&mut self) -> Result<(), ReplyError> {
        let mut waits = Waits::new(self.starts.len());
        let mut functions = Vec::new();
        for (&id, &target) in &self.targets {
            self.facts.work += 1;
            let from = self.start(id);
            match self.forest.value(id) {
                Value::Tagged(Tag::Promise(_), _) => {}
                Value::Tagged(Tag::ServerFunction(_), _) => {
                    let bound = self.forest.child(target, b"bound");
                    if let Some(&arguments) = bound.and_then(|bound| self.targets.get(&bound)) {
                        let to = self.start(arguments);
                        waits.add(from, to);
                        functions.push((id, from, to));
                    }
                }
                _ => waits.add(from, self.start(target)),
            }
        }
        let circles = waits.circles();
        match functions.iter().find(|(_, from, to)| circles[*from] == circles[*to]) {
            Some(&(id, ..)) => Err(self.problem(id, ValueProblem::Waits)),
            None => Ok(()),
        }
    }

    fn walk(&mut self) -> Result<(), ReplyError> {
        let roots = self.roots.values().chain(self.streamed.values().flat_map(|(values, _)| values)).copied();
        let Graph { depth, cycles, work } = walk(&self.forest, &self.targets, roots, self.limits)?;
        self.facts.depth = depth;
        self.facts.cycles = cycles;
        self.facts.work += work;
        Ok(())
    }

    /// Which of the fields, in the order in which they were read, a value is in.
    fn start(&self, id: ValueId) -> usize {
        self.starts.partition_point(|(start, _)| *start <= id).saturating_sub(1)
    }

    fn problem(&self, id: ValueId, problem: ValueProblem) -> ReplyError {
        let field = self.starts.get(self.start(id)).map_or_else(String::new, |(_, name)| name.clone());
        let value = match self.forest.value(id) {
            Value::Text(text) | Value::Tagged(_, text) | Value::Unknown(text) => excerpt(text),
            _ => String::new(),
        };
        ReplyError::Value { field, value, problem }
    }
}
