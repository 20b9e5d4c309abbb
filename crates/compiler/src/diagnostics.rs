//! What there is to say about an app's source: message, place, and what to do.

use std::fmt;
use std::sync::Arc;

use miette::{LabeledSpan, NamedSource, Severity, SourceCode};

/// A mistake or a warning. With miette's `fancy` feature, its report shows the lines it is about.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    severity: Severity,
    message: String,
    code: Option<&'static str>,
    help: Option<String>,
    source: Option<Arc<NamedSource<String>>>,
    labels: Vec<LabeledSpan>,
}

impl Diagnostic {
    fn new(severity: Severity, message: impl Into<String>) -> Self {
        Self { severity, message: message.into(), code: None, help: None, source: None, labels: Vec::new() }
    }

    /// Something that stops the build.
    pub fn error(message: impl Into<String>) -> Self {
        Self::new(Severity::Error, message)
    }

    /// Something questionable.
    pub fn warning(message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, message)
    }

    /// A name by which the message can be looked up: `vinext::client_only`.
    #[must_use]
    pub fn with_code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The file it is about and its text.
    #[must_use]
    pub fn with_source(mut self, name: impl AsRef<str>, text: impl Into<String>) -> Self {
        self.source = Some(Arc::new(NamedSource::new(name, text.into())));
        self
    }

    /// A place in the file, by byte offset.
    #[must_use]
    pub fn with_label(mut self, offset: usize, length: usize, label: impl Into<String>) -> Self {
        self.labels.push(LabeledSpan::new(Some(label.into()), offset, length));
        self
    }

    /// What is wrong, in one line.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The file it is about.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.source.as_deref().map(NamedSource::name)
    }

    /// Whether it stops the build.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Diagnostic {}

impl miette::Diagnostic for Diagnostic {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_deref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty())
            .then(|| Box::new(self.labels.iter().cloned()) as Box<dyn Iterator<Item = LabeledSpan>>)
    }
}
