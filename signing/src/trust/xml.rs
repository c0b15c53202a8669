//! Reads the XML of a trusted list within bounds, and finds elements in it.
//!
//! No DTD, so no entities of its own making. The bounds are checked on the bytes, before the tree is built: the real
//! lists of the Member States weigh up to 3 MB, with 40 000 elements and 200 declarations of namespaces.

use roxmltree::{Document, Node, ParsingOptions};

use super::ListError;

/// The largest list that is read, in bytes.
pub const MAX_LIST: usize = 32 * 1024 * 1024;

/// Elements, texts and comments.
const MAX_NODES: u32 = 1_000_000;

/// Declarations of namespaces: the parser's work grows with their square.
const MAX_DECLARATIONS: usize = 4096;

/// From one `<` to the next, in bytes: the work for the attributes of one tag grows with its square.
const MAX_TAG: usize = 128 * 1024;

/// Elements within elements; a real list has fewer than 20.
const MAX_DEPTH: usize = 64;

/// The text of a list: UTF-8, without a byte order mark.
pub(super) fn text(bytes: &[u8]) -> Result<&str, ListError> {
    if bytes.len() > MAX_LIST {
        return Err(ListError::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| ListError::NotXml)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let declarations = text.matches("xmlns").take(MAX_DECLARATIONS + 1).count();
    if declarations > MAX_DECLARATIONS || text.split('<').any(|part| part.len() > MAX_TAG) {
        return Err(ListError::TooLarge);
    }
    Ok(text)
}

/// Its tree.
pub(super) fn parse(text: &str) -> Result<Document<'_>, ListError> {
    let options = ParsingOptions {
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options).map_err(|_| ListError::NotXml)?;
    if is_deep(&document) {
        return Err(ListError::TooLarge);
    }
    Ok(document)
}

fn is_deep(document: &Document<'_>) -> bool {
    let (mut node, mut depth) = (document.root(), 0);
    loop {
        if let Some(child) = node.first_child() {
            (node, depth) = (child, depth + 1);
            if depth > MAX_DEPTH {
                return true;
            }
            continue;
        }
        loop {
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            match node.parent() {
                Some(parent) => (node, depth) = (parent, depth - 1),
                None => return false,
            }
        }
    }
}

/// Children of one name.
pub(super) fn children<'a, 'input>(
    node: Node<'a, 'input>,
    namespace: &'static str,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children().filter(move |c| c.has_tag_name((namespace, name)))
}

/// The only child of a name; two are as bad as none.
pub(super) fn only<'a, 'input>(
    node: Node<'a, 'input>,
    namespace: &'static str,
    name: &'static str,
) -> Option<Node<'a, 'input>> {
    let mut all = children(node, namespace, name);
    all.next().filter(|_| all.next().is_none())
}

/// The whole text of an element that has nothing but text, trimmed.
pub(super) fn words(node: Node<'_, '_>) -> Option<String> {
    if node.children().any(|c| c.is_element()) {
        return None;
    }
    let all: String = node
        .children()
        .filter_map(|c| c.text().filter(|_| c.is_text()))
        .collect();
    Some(all.trim().to_owned())
}

/// The bytes of an element in base64.
pub(super) fn bytes(node: Node<'_, '_>) -> Option<Vec<u8>> {
    use base64::Engine as _;
    let text: String = words(node)?.split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}
