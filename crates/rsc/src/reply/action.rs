//! Forms that call a server function without JavaScript.

use std::collections::BTreeMap;
use std::fmt;

use super::check::Checked;
use super::error::{FieldProblem, ReplyError, excerpt};
use super::fields::{Fields, measure};
use super::limits::ReplyLimits;
use crate::multipart::{Field, Form};

/// The id of a server function: 42 hexadecimal digits.
///
/// ```
/// use vinext_rsc::reply::ActionId;
/// assert!("4072be094669f73677309a8de28c0bcdeba8bde80f".parse::<ActionId>().is_ok());
/// assert!("constructor".parse::<ActionId>().is_err());
/// ```
///
/// No other text becomes one:
///
/// ```compile_fail,E0423
/// use vinext_rsc::reply::ActionId;
/// let unread = ActionId("__proto__".to_owned());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ActionId(String);

impl ActionId {
    const DIGITS: usize = 42;

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn read(text: &[u8]) -> Result<Self, ReplyError> {
        let is_id = text.len() == Self::DIGITS && text.iter().all(u8::is_ascii_hexdigit);
        if is_id {
            Ok(Self(String::from_utf8_lossy(text).into_owned()))
        } else {
            Err(ReplyError::MalformedActionId { id: excerpt(text) })
        }
    }
}

impl std::str::FromStr for ActionId {
    type Err = ReplyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::read(text.as_bytes())
    }
}

impl fmt::Display for ActionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A server function that a form names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormAction {
    /// Its id.
    pub id: ActionId,
    /// How many arguments are bound to it.
    pub bound: usize,
}

/// A form that calls a server function, and that was checked: [`action_form`] gives it, and nobody else does.
///
/// ```compile_fail,E0639
/// use vinext_rsc::reply::{ActionForm, FormAction};
///
/// fn claimed(action: FormAction) -> ActionForm {
///     ActionForm { action, others: Vec::new(), state_key: None }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActionForm {
    /// What it calls: the last that it names, as a button's own action comes after that of its form.
    pub action: FormAction,
    /// Server functions that the form names but does not call, and those among bound arguments.
    pub others: Vec<ActionId>,
    /// `$ACTION_KEY`: which `useActionState` the result is for.
    pub state_key: Option<String>,
}

/// What a field is, by a name that starts with `$ACTION_`.
enum ActionField<'a> {
    Id(&'a str),
    Reference(&'a str),
    Key,
    /// A field of a reply: the prefix and the name behind it.
    Part(&'a str, &'a str),
}

/// Checks a form that was sent without JavaScript; `None` if it calls no server function.
///
/// ```
/// use vinext_rsc::multipart::{Field, Form};
/// use vinext_rsc::reply::{ReplyLimits, action_form};
///
/// let name = "$ACTION_ID_4072be094669f73677309a8de28c0bcdeba8bde80f";
/// let form = Form { fields: vec![Field::text(name, ""), Field::text("text", "bread")] };
/// let called = action_form(&form, &ReplyLimits::default())?.expect("it names an action");
/// assert_eq!(called.action.id.as_str(), &name[11..]);
/// # Ok::<(), vinext_rsc::reply::ReplyError>(())
/// ```
pub fn action_form(form: &Form, limits: &ReplyLimits) -> Result<Option<ActionForm>, ReplyError> {
    measure(form, limits)?;
    let mut named = Vec::new();
    let mut replies: BTreeMap<&str, Fields<'_>> = BTreeMap::new();
    let mut state_key = None;
    for field in &form.fields {
        match read_name(field)? {
            None => {}
            Some(ActionField::Key) => {
                // React takes the first.
                state_key.get_or_insert_with(|| String::from_utf8_lossy(&field.value).into_owned());
            }
            Some(ActionField::Part(prefix, name)) => {
                let new = || Fields { prefix: format!("$ACTION_{prefix}:"), ..Fields::default() };
                replies.entry(prefix).or_insert_with(new).add(name, field)?;
            }
            Some(name @ (ActionField::Id(_) | ActionField::Reference(_))) => named.push(name),
        }
    }
    if named.is_empty() {
        return Ok(None);
    }
    let mut functions = BTreeMap::new();
    let mut others = Vec::new();
    for (prefix, fields) in replies {
        let fields = fields.whole()?;
        let checked = Checked::new(&fields, limits)?;
        others.extend(checked.facts.server_functions);
        functions.insert(prefix, checked.root_function);
    }
    let mut actions = Vec::new();
    for name in named {
        actions.push(match name {
            ActionField::Id(id) => FormAction { id: ActionId::read(id.as_bytes())?, bound: 0 },
            ActionField::Reference(prefix) => {
                let missing = || ReplyError::field(&format!("$ACTION_{prefix}:0"), FieldProblem::Missing);
                let (id, bound) = functions.get(prefix).cloned().flatten().ok_or_else(missing)?;
                FormAction { id, bound }
            }
            ActionField::Key | ActionField::Part(..) => continue,
        });
    }
    let Some(action) = actions.pop() else { return Ok(None) };
    others.extend(actions.into_iter().map(|action| action.id));
    Ok(Some(ActionForm { action, others, state_key }))
}

/// `None` for the fields of the page's own.
fn read_name(field: &Field) -> Result<Option<ActionField<'_>>, ReplyError> {
    let Some(name) = field.name.strip_prefix("$ACTION_") else { return Ok(None) };
    let read = if let Some(prefix) = name.strip_prefix("REF_") {
        Some(ActionField::Reference(prefix))
    } else if let Some(id) = name.strip_prefix("ID_") {
        Some(ActionField::Id(id))
    } else if name == "KEY" && !field.is_file() {
        Some(ActionField::Key)
    } else {
        name.split_once(':').map(|(prefix, name)| ActionField::Part(prefix, name))
    };
    read.map(Some).ok_or_else(|| ReplyError::field(&field.name, FieldProblem::Unknown))
}
