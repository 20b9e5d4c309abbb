//! What the answer to a request depends on, besides its page.

use std::borrow::Cow;

use http::header::{ACCEPT_ENCODING, IF_NONE_MATCH, IF_RANGE, RANGE};
use http::{HeaderMap, Method, StatusCode};
use vinext_router::{RouteMatch, Variant};

use super::segments::Known;

/// What is asked of a page.
pub(super) struct Question<'a> {
    pub(super) headers: Cow<'a, HeaderMap>,
    pub(super) is_head: bool,
    pub(super) variant: Variant,
    pub(super) is_prefetch: bool,
    /// What the client has of the payload that it asks for.
    pub(super) known: Option<Known>,
    pub(super) route: Cow<'a, str>,
    pub(super) status: Option<StatusCode>,
}

impl<'a> Question<'a> {
    /// Of a request that stays while it is answered: nothing of it is copied.
    pub(super) fn about(
        method: &Method,
        headers: &'a HeaderMap,
        found: &'a RouteMatch,
        status: Option<StatusCode>,
    ) -> Self {
        let variant = found.variant();
        Self {
            headers: Cow::Borrowed(headers),
            is_head: method == Method::HEAD,
            variant,
            is_prefetch: headers.contains_key("next-router-prefetch"),
            known: (variant == Variant::Rsc).then(|| Known::of(headers)).flatten(),
            route: Cow::Borrowed(found.route_id().as_str()),
            status,
        }
    }

    /// What is left of it when the engine has taken the request.
    pub(super) fn kept(self) -> Question<'static> {
        let mut headers = HeaderMap::new();
        for name in [ACCEPT_ENCODING, IF_NONE_MATCH, IF_RANGE, RANGE] {
            for value in self.headers.get_all(&name) {
                headers.append(&name, value.clone());
            }
        }
        let Self { is_head, variant, is_prefetch, known, status, .. } = self;
        let route = Cow::Owned(self.route.into_owned());
        Question { headers: Cow::Owned(headers), is_head, variant, is_prefetch, known, route, status }
    }

    /// The status of a page that was found for want of another, unless it has one of its own.
    pub(super) fn status_of(&self, own: StatusCode) -> StatusCode {
        self.status.filter(|_| own == StatusCode::OK).unwrap_or(own)
    }
}
