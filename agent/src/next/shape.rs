//! Two pieces of source as one shape with holes: what they share stands in it, what differs is a hole, and others fit into it or not.

use std::ops::Range;

use nextline_grammars::Node;

use crate::document::Document;
use crate::text::is_word;

/// Bytes of a piece that is generalised.
const LONGEST: usize = 2 << 10;

/// A piece of source with holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// A leaf that reads like this.
    Leaf(u16, String),
    /// Anything that stands for itself, the same wherever the number is the same.
    Hole(usize),
    /// A node with these children.
    Branch(u16, Vec<Shape>),
}

/// What stands in a hole in either piece.
type Filling = (String, String);

/// How a piece reads after the change: words, and what stood in a hole before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Words.
    Words(String),
    /// The text of a hole.
    Filled(usize),
}

/// A node and the text that it is of.
#[derive(Clone)]
pub struct Piece<'d> {
    /// The document.
    pub of: &'d Document,
    /// The node.
    pub node: Node<'d>,
    /// The bytes that were changed, or came by the change.
    pub touched: Range<usize>,
}

impl<'d> Piece<'d> {
    /// Its text.
    pub fn text(&self) -> String {
        self.of.text.bytes(self.node.byte_range())
    }

    /// Whether it is short enough to be looked at.
    pub fn is_short(&self) -> bool {
        self.node.byte_range().len() <= LONGEST
    }

    /// Its parts; `None` for a leaf, and where words stand between the parts, as in comments and strings.
    fn children(&self) -> Option<Vec<Piece<'d>>> {
        let mut cursor = self.node.walk();
        let children = self.node.children(&mut cursor);
        let children: Vec<Piece<'d>> = children
            .map(|node| Piece {
                node,
                ..self.clone()
            })
            .collect();
        let mut at = self.node.start_byte();
        for child in &children {
            if !self.gap(at, child.node.start_byte()).trim().is_empty() {
                return None;
            }
            at = child.node.end_byte();
        }
        let open = self.gap(at, self.node.end_byte()).trim().is_empty();
        (open && !children.is_empty()).then_some(children)
    }

    /// Whether the change was made in it.
    fn is_touched(&self) -> bool {
        let (node, touched) = (self.node.byte_range(), &self.touched);
        match touched.is_empty() {
            true => node.start <= touched.start && touched.start <= node.end,
            false => node.start < touched.end && touched.start < node.end,
        }
    }

    /// The text between this node's start or its child before, and a child.
    fn gap(&self, from: usize, to: usize) -> String {
        self.of.text.bytes(from..to.max(from))
    }
}

/// A change that was made twice, as one: what it is made of, and what it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Habit {
    /// What is looked for.
    pub from: Shape,
    /// What it becomes.
    pub to: Vec<Part>,
    /// Names that both pieces share: how little of the rest fits by chance.
    pub names: usize,
    /// Lines that come by it.
    pub lines: isize,
}

fn breaks(text: &str) -> isize {
    text.bytes().filter(|byte| *byte == b'\n').count() as isize
}

impl Habit {
    /// The habit behind two changes, each of a piece into another; `None` where they have nothing in common, or where what came is in
    /// neither of them.
    pub fn of(one: &(Piece<'_>, Piece<'_>), other: &(Piece<'_>, Piece<'_>)) -> Option<Habit> {
        if ![&one.0, &one.1, &other.0, &other.1]
            .iter()
            .all(|piece| piece.is_short())
        {
            return None;
        }
        let mut holes = Vec::new();
        let from = generalised(&one.0, &other.0, &mut holes)?;
        if matches!(from, Shape::Hole(_)) {
            return None;
        }
        let mut to = Vec::new();
        becomes(&one.1, &other.1, &holes, &mut to)?;
        let names = from.names();
        let lines = breaks(&one.1.text()) - breaks(&one.0.text());
        Some(Habit {
            from,
            to,
            names,
            lines,
        })
    }

    /// What a piece becomes, if the habit is about such pieces. One that is broken into lines otherwise is left alone.
    pub fn applied(&self, to: &Piece<'_>) -> Option<String> {
        let mut fillings = Vec::new();
        if !self.from.fits(to, &mut fillings) {
            return None;
        }
        let parts = self.to.iter().map(|part| match part {
            Part::Words(words) => Some(words.as_str()),
            Part::Filled(hole) => fillings.get(*hole)?.as_deref(),
        });
        let text = parts.collect::<Option<String>>()?;
        (breaks(&text) - breaks(&to.text()) == self.lines).then_some(text)
    }

    /// The two words of a habit that is one word in the place of another.
    pub fn words(&self) -> Option<(&str, &str)> {
        match (&self.from, self.to.as_slice()) {
            (Shape::Leaf(_, old), [Part::Words(new)]) => Some((old, new)),
            _ => None,
        }
    }

    /// The kind of the pieces that it is about.
    pub fn kind(&self) -> Option<u16> {
        match &self.from {
            Shape::Leaf(kind, _) | Shape::Branch(kind, _) => Some(*kind),
            Shape::Hole(_) => None,
        }
    }
}

impl Shape {
    /// How many leaves are words of some length that somebody has chosen.
    fn names(&self) -> usize {
        match self {
            Shape::Leaf(_, text) => {
                let chosen = |word: &str| {
                    let digits = word.starts_with(|c: char| c.is_ascii_digit());
                    word.len() > 1 && !digits && !KEYWORDS.contains(&word)
                };
                usize::from(text.split(|c: char| !is_word(c)).any(chosen))
            }
            Shape::Hole(_) => 0,
            Shape::Branch(_, children) => children.iter().map(Shape::names).sum(),
        }
    }

    fn fits(&self, piece: &Piece<'_>, fillings: &mut Vec<Option<String>>) -> bool {
        match self {
            Shape::Leaf(kind, text) => {
                let node = piece.node;
                node.kind_id() == *kind
                    && node.byte_range().len() == text.len()
                    && piece.text() == *text
            }
            Shape::Hole(hole) => {
                if !piece.node.is_named() {
                    return false;
                }
                if fillings.len() <= *hole {
                    fillings.resize(hole + 1, None);
                }
                let text = piece.text();
                match &fillings[*hole] {
                    Some(before) => *before == text,
                    None => {
                        fillings[*hole] = Some(text);
                        true
                    }
                }
            }
            Shape::Branch(kind, shapes) => {
                if piece.node.kind_id() != *kind
                    || piece.node.child_count() as usize != shapes.len()
                {
                    return false;
                }
                let Some(children) = piece.children() else {
                    return false;
                };
                children
                    .iter()
                    .zip(shapes)
                    .all(|(child, shape)| shape.fits(child, fillings))
            }
        }
    }
}

/// Words that the languages choose, not people: as many as matter here.
const KEYWORDS: &[&str] = &[
    "let", "mut", "fn", "pub", "if", "else", "for", "in", "while", "return", "const", "var",
    "function", "def", "class", "self", "this", "new", "import", "from", "use", "match", "await",
    "async", "static", "public", "private", "void", "int", "true", "false", "null", "None",
];

fn generalised(one: &Piece<'_>, other: &Piece<'_>, holes: &mut Vec<Filling>) -> Option<Shape> {
    let same_kind = one.node.kind_id() == other.node.kind_id();
    let filling = (one.text(), other.text());
    if same_kind && filling.0 == filling.1 && !(one.is_touched() && one.node.child_count() > 0) {
        return Some(Shape::Leaf(one.node.kind_id(), filling.0));
    }
    // What was not worked on is anything: that two of them look alike says little.
    let worked_on = one.is_touched() || other.is_touched();
    if same_kind
        && worked_on
        && let (Some(ones), Some(others)) = (one.children(), other.children())
        && ones.len() == others.len()
    {
        let before = holes.len();
        let pairs = ones.iter().zip(&others);
        let shapes: Option<Vec<Shape>> = pairs
            .map(|(one, other)| generalised(one, other, holes))
            .collect();
        if let Some(shapes) = shapes {
            return Some(Shape::Branch(one.node.kind_id(), shapes));
        }
        holes.truncate(before);
    }
    if same_kind && filling.0 == filling.1 {
        return Some(Shape::Leaf(one.node.kind_id(), filling.0));
    }
    if !one.node.is_named() || !other.node.is_named() {
        return None;
    }
    let known = holes.iter().position(|hole| *hole == filling);
    Some(Shape::Hole(known.unwrap_or_else(|| {
        holes.push(filling);
        holes.len() - 1
    })))
}

/// Writes down how two pieces read after the change, in terms of the holes before it.
fn becomes(
    one: &Piece<'_>,
    other: &Piece<'_>,
    holes: &[Filling],
    parts: &mut Vec<Part>,
) -> Option<()> {
    let filling = (one.text(), other.text());
    if filling.0 == filling.1 {
        words(parts, &filling.0);
        return Some(());
    }
    if let Some(hole) = holes.iter().position(|hole| *hole == filling) {
        parts.push(Part::Filled(hole));
        return Some(());
    }
    let (ones, others) = (one.children()?, other.children()?);
    if one.node.kind_id() != other.node.kind_id() || ones.len() != others.len() {
        return None;
    }
    let mut at = one.node.start_byte();
    for (left, right) in ones.iter().zip(&others) {
        words(parts, &one.gap(at, left.node.start_byte()));
        becomes(left, right, holes, parts)?;
        at = left.node.end_byte();
    }
    words(parts, &one.gap(at, one.node.end_byte()));
    Some(())
}

fn words(parts: &mut Vec<Part>, more: &str) {
    match parts.last_mut() {
        _ if more.is_empty() => {}
        Some(Part::Words(words)) => words.push_str(more),
        _ => parts.push(Part::Words(more.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use nextline_protocol::document::Item;

    use super::*;

    fn document(text: &str) -> Document {
        Document::new(Item {
            uri: "file:///a.rs".into(),
            language_id: "rust".into(),
            version: None,
            text: format!("fn f() {{ {text}; }}"),
        })
    }

    /// The expression in the middle, all of it changed.
    fn piece(document: &Document) -> Piece<'_> {
        let end = document.text.len() - 3;
        let node = document
            .syntax()
            .unwrap()
            .root()
            .descendant_for_byte_range(9, end)
            .unwrap();
        Piece {
            of: document,
            node,
            touched: node.byte_range(),
        }
    }

    fn check(one: (&str, &str), other: (&str, &str), third: &str, wanted: Option<&str>) {
        let texts = [one.0, one.1, other.0, other.1, third].map(document);
        let [a, b, c, d, e] = texts.each_ref().map(piece);
        let habit = Habit::of(&(a, b), &(c, d));
        assert_eq!(
            habit.and_then(|habit| habit.applied(&e)).as_deref(),
            wanted,
            "{one:?} {other:?} {third}"
        );
    }

    #[test]
    fn two_changes_make_a_habit() {
        check(
            ("g(a, 1)", "h(1, a)"),
            ("g(b.c, 2)", "h(2, b.c)"),
            "g(x + y, 3)",
            Some("h(3, x + y)"),
        );
        check(
            ("g(a)", "g(a, ctx)"),
            ("g(b)", "g(b, ctx)"),
            "g(c)",
            Some("g(c, ctx)"),
        );
        check(("g(a)", "g(a, ctx)"), ("g(b)", "g(b, ctx)"), "h(c)", None);
        check(
            ("g(a, a)", "g(a)"),
            ("g(b, b)", "g(b)"),
            "g(c, c)",
            Some("g(c)"),
        );
        check(("g(a, a)", "g(a)"), ("g(b, b)", "g(b)"), "g(c, d)", None);
        check(
            ("x.unwrap()", "x?"),
            ("y.z().unwrap()", "y.z()?"),
            "w.unwrap()",
            Some("w?"),
        );
        // What came is in neither.
        check(("g(a)", "g(one)"), ("g(b)", "g(two)"), "g(c)", None);
        check(("a", "b"), ("c", "d"), "e", None);
    }
}
