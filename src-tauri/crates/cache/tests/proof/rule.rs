//! Which item may leave, said once more and as plainly as possible: the reference that the real table is compared with, and
//! the rule of the protocol's model.

use cache::State;

/// An item of the queue, in the order of the queue.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) conversation: u8,
    pub(crate) state: State,
    /// Its pause is over.
    pub(crate) due: bool,
    /// Of a kind that this version sends.
    pub(crate) sendable: bool,
    /// Places of the items that it needs.
    pub(crate) needs: Vec<usize>,
}

/// The place of the item that may leave now.
pub(crate) fn next_due(lines: &[Option<Line>]) -> Option<usize> {
    let of = |n: usize| lines.get(n).and_then(Option::as_ref);
    if lines.iter().flatten().any(|line| line.state == State::PausedAuth) {
        return None;
    }
    (0..lines.len()).find(|n| {
        of(*n).is_some_and(|line| {
            let ready = line.state == State::Ready || line.state == State::Waiting && line.due;
            ready && line.sendable && held_by(lines, *n).is_none()
        })
    })
}

/// The place of the first item that another waits for.
pub(crate) fn held_by(lines: &[Option<Line>], n: usize) -> Option<usize> {
    let of = |n: usize| lines.get(n).and_then(Option::as_ref);
    let line = of(n)?;
    let earlier =
        (0..n).find(|e| of(*e).is_some_and(|e| e.conversation == line.conversation && !e.state.is_final()));
    earlier.or_else(|| {
        let mut needs = line.needs.clone();
        needs.sort_unstable();
        needs
            .into_iter()
            .find(|needed| of(*needed).is_some_and(|needed| needed.state != State::Confirmed))
    })
}
