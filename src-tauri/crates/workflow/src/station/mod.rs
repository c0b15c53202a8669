//! The PC itself: who is known here, the link, and *Verifica postazione*, which measures and never assumes.

mod check;
mod state;
