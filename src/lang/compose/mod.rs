//! How do parts become one model? They are placed, bound, averaged and expanded into equations for single quantities.
//!
//! `=` defines and `+=` adds. A parameter of the circuit that a mechanism drives becomes a state variable; one that a
//! mechanism defines becomes algebra. The order in which parts are written does not matter: they are sorted first.
//!
//! [text] the grammar of `ei+istdp@w_ei`; [stage] the circuit; [place] where parts attach; [own] what mechanisms
//! bring along; [bind] what
//! each line drives; [rewrite] local names become full ones; [transfer] gain functions; [modulate] neuromodulators; [gather] addends, `rest`, contradictions; [average] `mean`; [noise] white noise;
//! [bounds] hard bounds; [lower] families become single
//! quantities; [facts] closed forms.

pub(crate) mod assemble;
mod average;
mod bind;
pub(crate) mod bounds;
pub(crate) mod facts;
mod gather;
pub(crate) mod lower;
mod modulate;
pub(crate) mod noise;
mod own;
mod place;
mod rewrite;
pub(crate) mod show;
pub(crate) mod stage;
pub(crate) mod text;
mod transfer;
pub(crate) mod walk;
