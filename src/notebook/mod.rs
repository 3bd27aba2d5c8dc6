//! How does an argument become a page that is also a test?
//!
//! A notebook is a plain Rust file in `analysis/`: paragraphs of `//` comments (Markdown, `$…$` for mathematics) are
//! its prose, code is its code, and calls on a [`Notebook`] are its results. [`Notebook::claim`] compares what was
//! computed with what theory says and prints the comparison; [`Notebook::figure`], [`Notebook::table`] and
//! [`Notebook::model`] show things; [`Notebook::verdict`] ends it. What a call makes stands on the page under the line
//! that called.
//!
//! The same run is a page ([`report()`]) and a test ([`tests()`]): every claim is a test result of its own, and so is
//! whether the committed report is still what the code says.
//!
//! ```
//! use homeostat::notebook::prelude::*;
//! use homeostat::notebook::{Entry, Page};
//!
//! fn run(nb: &mut Notebook) -> Result<()> {
//!     // Doubling time of $e^{t/τ}$.
//!     let tau = 10.0_f64;
//!     nb.claim("doubling time", tau * 2.0_f64.ln(), 6.931, Tol::Printed(4))?;
//!     nb.verdict(Verdict::Holds, "Growth doubles in $τ \\ln 2$.")
//! }
//!
//! let source = "// Doubling time.\nnb.claim(\"doubling time\", …)";
//! let page = Page::run(&Entry { name: "00_growth", source, run });
//! assert!(page.claims().all(|claim| claim.holds));
//! ```

mod book;
mod cells;
mod compare;
mod highlight;
mod html;
mod ipynb;
mod markdown;
mod page;
mod report;
mod show;
mod trials;

pub use book::{Claim, Measured, Notebook, Trust, Verdict};
pub use page::{Entry, Page};
pub use report::{Report, report};
pub use trials::tests;

/// What a notebook's file imports.
pub mod prelude {
    pub use super::{Notebook, Verdict};
    pub use crate::dynamics::continuation::{self, EventKind, Vary, follow};
    pub use crate::dynamics::cycles::{self, CycleOptions};
    pub use crate::dynamics::{
        Bound, Integration, MapCell, MapOptions, Record, Region, Search, Stop, Verdict as MapVerdict, Watch,
        fixed_points, integrate, stability_map,
    };
    pub use crate::field::{Field, Result, Table, Unit};
    pub use crate::figures::{
        self, Axis, Band, Cells, Class, Contours, Figure, Ink, Line, Note, Panel, Points, Rule, Shade, Shape, symbol,
    };
    pub use crate::lang::Model;
    pub use crate::models::model;
    pub use crate::num::{Estimate, Tol};
}
