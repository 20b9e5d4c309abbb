//! Any request target: refused, redirected, or read into a path that reads as itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vinext_router::{CanonicalPath, Ingress, PathRules, Refusal, RequestHead};

fuzz_target!(|target: &str| {
    let ingress = Ingress::new(PathRules::default());
    let admit = |target: &str| ingress.admit(&RequestHead { method: "GET", target, header: &|_| None });
    match admit(target) {
        Ok(admitted) => {
            let path = admitted.path;
            assert_eq!(path.as_str().parse::<CanonicalPath>().as_ref(), Ok(&path));
            assert!(path.segments().all(|segment| !matches!(segment, "" | "." | "..")), "{path:?}");
            assert_eq!(admit(path.as_str()).map(|again| again.path), Ok(path));
        }
        Err(Refusal::Redirect(redirect)) => {
            let location = redirect.location;
            let path = location.split('?').next().unwrap_or_default();
            assert!(path.starts_with('/') && !path.starts_with("//") && !path.contains('\\'), "{location}");
            assert!(!location.bytes().any(|byte| byte.is_ascii_control()), "{location:?}");
        }
        Err(Refusal::BadRequest(_)) => {}
    }
    let _ = target.parse::<CanonicalPath>();
    let _ = CanonicalPath::from_segments(target.split('/'));
});
