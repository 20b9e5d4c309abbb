// `next` itself: apps import only types from it, and types are gone when the bundler looks.
export {};
