//! Where isolate threads come from.
//!
//! V8 protects its code pages by thread: only threads that descend from the one which initialised it may run
//! JavaScript. One thread of ours therefore initialises V8, and starts every other.

use std::sync::mpsc::{Sender, channel};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

type Start = Box<dyn FnOnce() + Send>;

static ROOT: LazyLock<Mutex<Sender<Start>>> = LazyLock::new(|| {
    let (sender, receiver) = channel::<Start>();
    // A process that cannot start a thread cannot run V8: whoever asks for one is told so by a closed channel.
    let _ = Builder::new().name("v8-root".to_owned()).spawn(move || {
        deno_core::JsRuntime::init_platform(None);
        for start in receiver {
            start();
        }
    });
    Mutex::new(sender)
});

/// Starts a thread that may run JavaScript.
pub(super) fn spawn<T: Send + 'static>(
    name: String,
    run: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<JoinHandle<T>> {
    let (reply, started) = channel();
    let start: Start = Box::new(move || {
        // React renders deep trees by recursion.
        let thread = Builder::new().name(name).stack_size(8 * 1024 * 1024).spawn(run);
        let _ = reply.send(thread);
    });
    ROOT.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .send(start)
        .map_err(|_| std::io::Error::other("V8 did not start"))?;
    started.recv().map_err(|_| std::io::Error::other("V8 did not start"))?
}
