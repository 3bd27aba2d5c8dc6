//! How does prose become HTML? Markdown with mathematics as MathML; raw HTML stays text.

use super::html::escape;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html::push_html};
use pulldown_latex::{RenderConfig, Storage, config::DisplayMode, push_mathml};

/// Markdown as HTML. `$…$` and `$$…$$` become MathML; what cannot be read as LaTeX is an error naming it.
pub(super) fn html(markdown: &str) -> Result<String, String> {
    let options = Options::ENABLE_MATH | Options::ENABLE_TABLES | Options::ENABLE_SMART_PUNCTUATION;
    let mut events = Vec::new();
    for event in Parser::new_ext(markdown, options) {
        events.push(match event {
            Event::InlineMath(latex) => Event::Html(math(&latex, false)?.into()),
            Event::DisplayMath(latex) => Event::Html(math(&latex, true)?.into()),
            Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
            Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
            Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
            other => other,
        });
    }
    let mut out = String::new();
    push_html(&mut out, events.into_iter());
    Ok(out)
}

/// One paragraph of Markdown as the inside of a paragraph.
pub(super) fn inline(markdown: &str) -> Result<String, String> {
    let html = html(markdown)?;
    let text = html.trim();
    let single = text.strip_prefix("<p>").and_then(|t| t.strip_suffix("</p>")).filter(|t| !t.contains("<p>"));
    Ok(single.unwrap_or(text).to_string())
}

/// LaTeX as MathML.
pub(super) fn math(latex: &str, display: bool) -> Result<String, String> {
    let storage = Storage::new();
    let failed = |why: String| format!("`{}` is not LaTeX that this program reads: {why}", latex.trim());
    // The parser is read twice: errors are also drawn into the formula, where nobody would see them.
    if let Some(Err(error)) = pulldown_latex::Parser::new(latex, &storage).find(Result::is_err) {
        return Err(failed(error.to_string()));
    }
    let mode = if display { DisplayMode::Block } else { DisplayMode::Inline };
    let config = RenderConfig { display_mode: mode, annotation: None, xml: true, ..RenderConfig::default() };
    let mut out = String::new();
    let storage = Storage::new();
    push_mathml(&mut out, pulldown_latex::Parser::new(latex, &storage), config).map_err(|e| failed(e.to_string()))?;
    Ok(out)
}

/// A line of prose as plain text: without the marks of Markdown and mathematics.
pub(super) fn plain(markdown: &str) -> String {
    escape(&markdown.replace(['$', '*', '`'], ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_mathematics_becomes_mathml() {
        let page = html("Stable iff $\\tau_\\theta < \\tau_w$ & *so on*.").unwrap();
        assert!(page.contains("<math") && page.contains("<em>so on</em>") && page.contains("&amp;"), "{page}");
    }

    #[test]
    fn law_raw_html_is_only_text() {
        let page = html("a <script>alert(1)</script> b\n\n<div onclick=x>c</div>").unwrap();
        assert!(!page.contains("<script") && !page.contains("<div"), "{page}");
    }

    #[test]
    fn law_bad_latex_is_an_error_that_names_it() {
        let error = html("so $\\nosuchword{1}$ it is").unwrap_err();
        assert!(error.contains("nosuchword"), "{error}");
    }
}
