//! Canonical XML of a document or an element: the bytes over which an XML signature is computed.
//!
//! Canonical XML 1.0 and Exclusive XML Canonicalization 1.0, both without comments, over `roxmltree`, which is the reader
//! of the lists anyway and refuses DTDs. Prefixes are taken from the source, because the tree forgets them. The walk
//! needs no call stack. Not in it: Canonical XML 1.1 and XPath filters, which no list of a Member State uses.
//! Sources: <https://www.w3.org/TR/2001/REC-xml-c14n-20010315>, <https://www.w3.org/TR/xml-exc-c14n/>.

use roxmltree::{Attribute, Node, NodeId};

const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Which namespaces are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// All that are in scope.
    Inclusive,
    /// Those that are used, and these prefixes (`InclusiveNamespaces`; the default one is `""`).
    Exclusive(Vec<String>),
}

enum Step<'a, 'input> {
    Enter(Node<'a, 'input>),
    /// The name to close, and how many namespaces were written outside it.
    Leave(&'a str, usize),
}

struct Writer<'a> {
    source: &'a str,
    method: &'a Method,
    /// Prefixes and namespaces written on the way down.
    written: Vec<(&'a str, &'a str)>,
    out: Vec<u8>,
}

/// The canonical form of `apex` (an element, or the root node for a whole document) without the element `without`.
/// `None`: a name that cannot be found in the source.
pub(super) fn canonical<'a>(
    source: &'a str,
    apex: Node<'a, '_>,
    without: Option<NodeId>,
    method: &'a Method,
) -> Option<Vec<u8>> {
    let mut writer = Writer {
        source,
        method,
        written: Vec::new(),
        out: Vec::with_capacity(apex.range().len()),
    };
    if apex.is_root() {
        let mut below = false;
        for node in apex.children() {
            if node.is_element() {
                writer.tree(node, without, false)?;
                below = true;
            } else if node.is_pi() {
                // What stands outside the root element stands on a line of its own.
                if below {
                    writer.out.push(b'\n');
                }
                writer.instruction(node);
                if !below {
                    writer.out.push(b'\n');
                }
            }
        }
    } else {
        writer.tree(apex, without, true)?;
    }
    Some(writer.out)
}

impl<'a> Writer<'a> {
    fn tree(&mut self, apex: Node<'a, '_>, without: Option<NodeId>, subset: bool) -> Option<()> {
        let mut steps = vec![Step::Enter(apex)];
        while let Some(step) = steps.pop() {
            match step {
                Step::Leave(name, outside) => {
                    self.written.truncate(outside);
                    self.out.extend([b"</", name.as_bytes(), b">"].concat());
                }
                Step::Enter(node) if Some(node.id()) == without => {}
                Step::Enter(node) if node.is_element() => {
                    let outside = self.written.len();
                    let name = self.name(node)?;
                    self.open(node, name, subset && node == apex)?;
                    steps.push(Step::Leave(name, outside));
                    let mut child = node.last_child();
                    while let Some(one) = child {
                        steps.push(Step::Enter(one));
                        child = one.prev_sibling();
                    }
                }
                Step::Enter(node) if node.is_text() => self.escaped(node.text().unwrap_or_default(), false),
                Step::Enter(node) if node.is_pi() => self.instruction(node),
                Step::Enter(_) => {}
            }
        }
        Some(())
    }

    /// The qualified name as the source has it.
    fn name(&self, node: Node<'a, '_>) -> Option<&'a str> {
        let tag = self.source.get(node.range())?.strip_prefix('<')?;
        let name = tag.split([' ', '\t', '\r', '\n', '/', '>']).next()?;
        local(name).eq(node.tag_name().name()).then_some(name)
    }

    fn open(&mut self, node: Node<'a, '_>, name: &'a str, subset: bool) -> Option<()> {
        let mut attributes: Vec<(&'a str, Attribute<'a, '_>)> = node
            .attributes()
            .map(|one| {
                let name = self.source.get(one.range_qname())?;
                local(name).eq(one.name()).then_some((name, one))
            })
            .collect::<Option<_>>()?;
        if subset && *self.method == Method::Inclusive {
            self.inherit(node, &mut attributes)?;
        }
        self.out.push(b'<');
        self.out.extend(name.as_bytes());
        self.namespaces(node, name, &attributes);
        attributes.sort_by_key(|(_, one)| (one.namespace().unwrap_or_default(), one.name()));
        for (name, one) in attributes {
            self.out.push(b' ');
            self.out.extend(name.as_bytes());
            self.out.extend(b"=\"");
            self.escaped(one.value(), true);
            self.out.push(b'"');
        }
        self.out.push(b'>');
        Some(())
    }

    /// The `xml:` attributes of the ancestors belong to the apex of a part (Canonical XML 1.0, 2.4).
    fn inherit<'input>(
        &self,
        node: Node<'a, 'input>,
        attributes: &mut Vec<(&'a str, Attribute<'a, 'input>)>,
    ) -> Option<()> {
        for ancestor in node.ancestors().skip(1) {
            for one in ancestor.attributes().filter(|a| a.namespace() == Some(XML)) {
                let known =
                    |(_, a): &(&str, Attribute<'_, '_>)| a.namespace() == Some(XML) && a.name() == one.name();
                if !attributes.iter().any(known) {
                    attributes.push((self.source.get(one.range_qname())?, one));
                }
            }
        }
        Some(())
    }

    fn namespaces(&mut self, node: Node<'a, '_>, name: &'a str, attributes: &[(&'a str, Attribute<'_, '_>)]) {
        let mut wanted: Vec<(&'a str, &'a str)> = node
            .namespaces()
            .map(|one| (one.name().unwrap_or_default(), one.uri()))
            .filter(|(prefix, _)| *prefix != "xml")
            .collect();
        if !wanted.iter().any(|(prefix, _)| prefix.is_empty()) {
            wanted.push(("", ""));
        }
        if let Method::Exclusive(listed) = self.method {
            let used = |prefix: &str| {
                prefix_of(name) == prefix
                    || listed.iter().any(|l| l == prefix)
                    || attributes
                        .iter()
                        .any(|(name, _)| !prefix.is_empty() && prefix_of(name) == prefix)
            };
            wanted.retain(|(prefix, _)| used(prefix));
        }
        wanted.sort_unstable();
        for (prefix, uri) in wanted {
            let before = self.written.iter().rev().find(|(p, _)| *p == prefix);
            if before.map_or("", |(_, uri)| uri) == uri {
                continue;
            }
            self.written.push((prefix, uri));
            self.out.extend(b" xmlns");
            if !prefix.is_empty() {
                self.out.push(b':');
                self.out.extend(prefix.as_bytes());
            }
            self.out.extend(b"=\"");
            self.escaped(uri, true);
            self.out.push(b'"');
        }
    }

    fn instruction(&mut self, node: Node<'_, '_>) {
        if let Some(pi) = node.pi() {
            self.out.extend([b"<?", pi.target.as_bytes()].concat());
            if let Some(value) = pi.value {
                self.out.push(b' ');
                // Line ends are one character in the canonical form, and the tree leaves them as they came.
                let value = value.replace("\r\n", "\n").replace('\r', "\n");
                self.out.extend(value.as_bytes());
            }
            self.out.extend(b"?>");
        }
    }

    fn escaped(&mut self, text: &str, attribute: bool) {
        for byte in text.bytes() {
            match byte {
                b'&' => self.out.extend(b"&amp;"),
                b'<' => self.out.extend(b"&lt;"),
                b'>' if !attribute => self.out.extend(b"&gt;"),
                b'"' if attribute => self.out.extend(b"&quot;"),
                b'\t' if attribute => self.out.extend(b"&#x9;"),
                b'\n' if attribute => self.out.extend(b"&#xA;"),
                b'\r' => self.out.extend(b"&#xD;"),
                other => self.out.push(other),
            }
        }
    }
}

fn prefix_of(name: &str) -> &str {
    name.split_once(':').map_or("", |(prefix, _)| prefix)
}

fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}
