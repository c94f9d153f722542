//! Descriptors: nested lists such as `(DESCRIPTION=(ADDRESS=…)(CONNECT_DATA=(SERVICE_NAME=s)(SERVER=POOLED)))`.

use std::ops::Range;

use crate::driver::connect_string::fault::{Complaint, Fault};
use crate::driver::connect_string::net::Reading;
use crate::driver::connect_string::pooling::{PoolKey, Pooling, Server};

/// What `text` says of pooled servers. None: it is not a descriptor that we understand.
pub(super) fn read(text: &str) -> Result<Option<Reading>, Fault> {
    let Some(nodes) = parse(text)? else { return Ok(None) };
    let in_connect_data = |node: &&Node| is_in_connect_data(&nodes, node, text);
    let mut server = None;
    let mut pooling = Pooling::default();
    let mut cuts = Vec::new();
    for node in nodes.iter().filter(in_connect_data) {
        let key = &text[node.key.clone()];
        let pool_key = PoolKey::of(key);
        if pool_key.is_none() && !key.eq_ignore_ascii_case("SERVER") {
            continue;
        }
        if node.has_list {
            return Ok(None);
        }
        let value = node.value_range();
        let word = &text[value.clone()];
        let said = match pool_key {
            Some(pool_key) => pooling.say(pool_key, word),
            None => agree(&mut server, word),
        };
        said.map_err(|complaint| complaint.at(value))?;
        if pool_key.is_some_and(PoolKey::is_for_the_pool) {
            cuts.push(node.whole.clone());
        }
    }
    Ok(Some(Reading::new(server, pooling, cuts)))
}

/// All that name a server must name the same: client pools of Oracle refuse anything else. Who names none is left to
/// the client library.
fn agree(server: &mut Option<Server>, word: &str) -> Result<(), Complaint> {
    let Some(named) = Server::of(word)? else { return Ok(()) };
    if *server.get_or_insert(named) == named {
        return Ok(());
    }
    let what =
        "another kind of server than in the descriptions before; a pool needs the same SERVER in all of them";
    Err(Complaint::oracle(24464, what))
}

fn is_in_connect_data(nodes: &[Node], node: &Node, text: &str) -> bool {
    let has_key = |node: &Node, key: &str| text[node.key.clone()].eq_ignore_ascii_case(key);
    let Some(parent) = node.parent.map(|at| &nodes[at]) else { return false };
    let grandparent = parent.parent.map(|at| &nodes[at]);
    has_key(parent, "CONNECT_DATA") && grandparent.is_some_and(|node| has_key(node, "DESCRIPTION"))
}

/// How long the list is that `text` begins with; none where it does not end.
pub(super) fn list_length(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut lexer = Lexer::new(text);
    while let Some(token) = lexer.next() {
        match token {
            Token::Open(_) => depth += 1,
            Token::Close(_) => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return Some(lexer.at);
        }
    }
    None
}

/// One `(KEY=value)` or `(KEY=(…)(…))`. Nodes know their parents by number, so that depth costs no stack.
#[derive(Debug)]
struct Node {
    parent: Option<usize>,
    whole: Range<usize>,
    key: Range<usize>,
    has_equals: bool,
    value: Option<Range<usize>>,
    is_quoted: bool,
    has_list: bool,
}

/// The nodes of `text` in its order. None: it is not understood. An error only for what can not be meant.
fn parse(text: &str) -> Result<Option<Vec<Node>>, Fault> {
    let mut lexer = Lexer::new(text);
    let mut tree = Tree::default();
    let mut is_plain = true;
    let mut fault = None;
    while let Some(token) = lexer.next() {
        match token {
            Token::Open(at) => is_plain &= tree.open(at),
            Token::Close(at) => {
                if !tree.close(at) {
                    fault.get_or_insert(Complaint::plain("this parenthesis closes nothing").at(at..at + 1));
                }
            }
            Token::Equals(at) => is_plain &= tree.equals(at),
            Token::Word(range) => is_plain &= tree.word(range, text),
            Token::Quoted(range) => is_plain &= tree.quoted(range),
        }
    }
    if let Some(open) = tree.open.last() {
        let at = tree.nodes[*open].whole.start;
        fault.get_or_insert(Complaint::plain("this parenthesis is not closed").at(at..at + 1));
    }
    match fault {
        Some(fault) if lexer.is_sure => Err(fault),
        None if is_plain => Ok(Some(tree.nodes)),
        _ => Ok(None),
    }
}

/// Nodes so far. Each step says whether it is one that we understand.
#[derive(Debug, Default)]
struct Tree {
    nodes: Vec<Node>,
    open: Vec<usize>,
}

impl Tree {
    fn innermost(&mut self) -> Option<&mut Node> {
        let at = *self.open.last()?;
        self.nodes.get_mut(at)
    }

    fn open(&mut self, at: usize) -> bool {
        let parent = self.open.last().copied();
        let is_plain = match self.innermost() {
            Some(node) => {
                node.has_list = true;
                node.has_equals && node.value.is_none()
            }
            None => self.nodes.is_empty(),
        };
        self.open.push(self.nodes.len());
        self.nodes.push(Node::new(parent, at));
        is_plain
    }

    /// False: there is nothing to close.
    fn close(&mut self, at: usize) -> bool {
        let Some(open) = self.open.pop() else { return false };
        self.nodes[open].whole.end = at + 1;
        true
    }

    fn equals(&mut self, at: usize) -> bool {
        let Some(node) = self.innermost() else { return false };
        if node.has_equals {
            return node.add(at..at + 1);
        }
        node.has_equals = true;
        true
    }

    fn word(&mut self, range: Range<usize>, text: &str) -> bool {
        let Some(node) = self.innermost() else { return false };
        if !node.has_equals {
            node.key = range;
            return true;
        }
        // Commas between lists are harmless.
        node.has_list && &text[range.clone()] == "," || node.add(range)
    }

    fn quoted(&mut self, range: Range<usize>) -> bool {
        let Some(node) = self.innermost() else { return false };
        node.is_quoted = true;
        node.value.replace(range).is_none() && !node.has_list
    }
}

impl Node {
    fn new(parent: Option<usize>, at: usize) -> Node {
        let (whole, key) = (at..at, at..at);
        Node { parent, whole, key, has_equals: false, value: None, is_quoted: false, has_list: false }
    }

    /// A value may have spaces and further `=` in it; what stands in quotes is one by itself.
    fn add(&mut self, range: Range<usize>) -> bool {
        let start = self.value.as_ref().map_or(range.start, |value| value.start);
        self.value = Some(start..range.end);
        !self.has_list && !self.is_quoted
    }

    /// Where the value stands; where none does, where it would.
    fn value_range(&self) -> Range<usize> {
        let end = self.whole.end.saturating_sub(1);
        self.value.clone().unwrap_or(end..end)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Open(usize),
    Close(usize),
    Equals(usize),
    /// Anything between the others, without the space around it.
    Word(Range<usize>),
    /// What stands in quotes, without them.
    Quoted(Range<usize>),
}

#[derive(Debug)]
struct Lexer<'a> {
    text: &'a str,
    at: usize,
    is_behind_equals: bool,
    /// False after what different readers take for different things.
    is_sure: bool,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str) -> Lexer<'a> {
        Lexer { text, at: 0, is_behind_equals: false, is_sure: true }
    }

    fn next(&mut self) -> Option<Token> {
        let rest = self.text[self.at..].trim_start();
        self.at = self.text.len() - rest.len();
        let at = self.at;
        let may_quote = std::mem::take(&mut self.is_behind_equals);
        let token = match rest.chars().next()? {
            '(' => Token::Open(at),
            ')' => Token::Close(at),
            '=' => {
                self.is_behind_equals = true;
                Token::Equals(at)
            }
            quote @ ('"' | '\'') if may_quote => return Some(self.quoted(quote)),
            _ => return Some(self.word()),
        };
        self.at += 1;
        Some(token)
    }

    fn quoted(&mut self, quote: char) -> Token {
        let start = self.at + 1;
        let Some(length) = self.text[start..].find(quote) else { return self.word() };
        let inside = start..start + length;
        self.is_sure &= !self.text[inside.clone()].contains('\\');
        self.at = inside.end + 1;
        Token::Quoted(inside)
    }

    fn word(&mut self) -> Token {
        let start = self.at;
        let mut is_escaped = false;
        let ends = |letter: char| {
            let is_end = !is_escaped && matches!(letter, '(' | ')' | '=');
            is_escaped = !is_escaped && letter == '\\';
            self.is_sure &= !matches!(letter, '\\' | '"' | '\'');
            is_end
        };
        let rest = &self.text[start..];
        let length = rest.find(ends).unwrap_or(rest.len());
        self.at = start + length;
        Token::Word(start..start + rest[..length].trim_end().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::connect_string::{PoolBoundary, ServerPurity};

    fn pooled(connect_data: &str) -> String {
        format!(
            "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=h)(PORT=1))(CONNECT_DATA=(SERVER=POOLED){connect_data}))"
        )
    }

    /// What is cut, and the pooling.
    fn reading(text: &str) -> (Vec<&str>, Option<Pooling>) {
        let reading = read(text).unwrap().unwrap_or_else(|| panic!("{text} is not understood"));
        (reading.cuts.into_iter().map(|cut| &text[cut]).collect(), reading.pooling)
    }

    #[test]
    fn each_key_is_read() {
        let text = pooled(
            "(SERVICE_NAME=s)(POOL_CONNECTION_CLASS=App)(pool_purity = self )(Pool_Name=P1)(POOL_BOUNDARY=TRANSACTION)",
        );
        let pooling = Pooling {
            connection_class: Some("App".into()),
            purity: Some(ServerPurity::Reuse),
            pool_name: Some("P1".into()),
            boundary: Some(PoolBoundary::Transaction),
        };
        let cuts = vec!["(POOL_CONNECTION_CLASS=App)", "(pool_purity = self )"];
        assert_eq!(reading(&text), (cuts, Some(pooling)));
    }

    #[test]
    fn a_server_is_found_however_it_is_written() {
        for text in [
            "(DESCRIPTION=(CONNECT_DATA=(SERVER=pooled)))",
            " ( description =\r\n\t( connect_data = ( server = \"Pooled\" ) ) ) ",
            "(DESCRIPTION=(CONNECT_DATA=(SERVER='pooled')))",
            "(DESCRIPTION_LIST=(DESCRIPTION=(CONNECT_DATA=(SID=x)))(DESCRIPTION=(CONNECT_DATA=(SERVER=POOLED))))",
            "(DESCRIPTION=(ADDRESS_LIST=(ADDRESS=(HOST=a)),(ADDRESS=(HOST=b)))(CONNECT_DATA=(SERVER=POOLED)))",
            "(DESCRIPTION=(SECURITY=(SSL_SERVER_CERT_DN=CN=a, O=b c))(CONNECT_DATA=(SERVER=POOLED)))",
            "(DESCRIPTION=(SECURITY=(SSL_SERVER_CERT_DN=\"CN=a (b), O=c\"))(CONNECT_DATA=(SERVER=POOLED)))",
            "(DESCRIPTION=(WALLET_LOCATION=C:\\wallet)(X=(1,2))(CONNECT_DATA=(SERVER=POOLED)))",
        ] {
            assert_eq!(reading(text), (vec![], Some(Pooling::default())), "{text}");
        }
    }

    #[test]
    fn without_a_pooled_server_nothing_is_said_or_cut() {
        for text in [
            "(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=s)))",
            "(DESCRIPTION=(CONNECT_DATA=(SERVER=DEDICATED)(POOL_PURITY=NEW)(POOL_CONNECTION_CLASS=A)))",
            "(DESCRIPTION=(CONNECT_DATA=(SERVER=)))",
            "(DESCRIPTION=(CONNECT_DATA=(INSTANCE_NAME=SERVER=POOLED)))",
            "(DESCRIPTION=(SERVER=POOLED))",
            "(CONNECT_DATA=(SERVER=POOLED))",
        ] {
            assert_eq!(reading(text), (vec![], None), "{text}");
        }
    }

    #[test]
    fn one_class_and_purity_is_cut_from_every_description() {
        let text = "(DESCRIPTION_LIST=\
            (DESCRIPTION=(CONNECT_DATA=(SERVER=POOLED)(POOL_CONNECTION_CLASS=A)))\
            (DESCRIPTION=(CONNECT_DATA=(POOL_PURITY=NEW)(POOL_CONNECTION_CLASS=A)(POOL_NAME=N))))";
        let (cuts, pooling) = reading(text);
        assert_eq!(cuts, ["(POOL_CONNECTION_CLASS=A)", "(POOL_PURITY=NEW)", "(POOL_CONNECTION_CLASS=A)"]);
        let pooling = pooling.unwrap();
        assert_eq!(pooling.connection_class.as_deref(), Some("A"));
        assert_eq!((pooling.purity, pooling.pool_name.as_deref()), (Some(ServerPurity::New), Some("N")));
    }

    #[test]
    fn what_is_surely_wrong_is_found_where_it_stands() {
        let two = |first: &str, second: &str| {
            let data = |data: &str| format!("(DESCRIPTION=(CONNECT_DATA={data}))");
            format!("(DESCRIPTION_LIST={}{})", data(first), data(second))
        };
        for (text, part, code) in [
            (pooled("(POOL_PURITY=old)"), "old", 0),
            (pooled("(POOL_PURITY=)"), "", 0),
            (pooled("(POOL_CONNECTION_CLASS=a=b)"), "a=b", 0),
            (pooled("(POOL_CONNECTION_CLASS=\"\")"), "", 0),
            (pooled("(POOL_BOUNDARY=call)"), "call", 24545),
            (pooled(&format!("(POOL_CONNECTION_CLASS={})", "x".repeat(1025))), &*"x".repeat(1025), 56604),
            ("(DESCRIPTION=(CONNECT_DATA=(SERVER=pool)))".into(), "pool", 0),
            (two("(SERVER=POOLED)", "(SERVER=DEDICATED)"), "DEDICATED", 24464),
            (two("(SERVER=DEDICATED)", "(SERVER=shared)"), "shared", 24464),
            (two("(SERVER=POOLED)(POOL_PURITY=NEW)", "(POOL_PURITY=SELF)"), "SELF", 0),
        ] {
            let fault = read(&text).unwrap_err();
            assert_eq!((&text[fault.at], fault.complaint.code), (part, code), "{text}");
        }
    }

    #[test]
    fn unbalanced_parentheses_are_found() {
        for (text, at) in [
            ("(", 0),
            ("(DESCRIPTION=(CONNECT_DATA=(SERVER=POOLED))", 0),
            ("(DESCRIPTION=(CONNECT_DATA=(SERVER=POOLED)", 13),
            ("(DESCRIPTION=(CONNECT_DATA=))) ", 29),
            ("(A=(B=x)))(C=y)", 9),
        ] {
            assert_eq!(read(text).unwrap_err().at, at..at + 1, "{text}");
        }
    }

    #[test]
    fn what_may_be_meant_otherwise_is_left_alone() {
        for text in [
            "(DESCRIPTION=(CONNECT_DATA=(SERVER=POOLED)))(ADDRESS=(HOST=x))",
            "(DESCRIPTION=(CONNECT_DATA=(SERVER=POOLED))) and more",
            "(DESCRIPTION=(CONNECT_DATA=(SERVER=(POOLED))))",
            "(DESCRIPTION=(CONNECT_DATA=(SERVER=\"POOLED\" x)))",
            "(DESCRIPTION=(CONNECT_DATA=x(SERVER=POOLED)))",
            "(DESCRIPTION=(CONNECT_DATA=(SERVER=POOLED)(X=o'brien))",
            "(DESCRIPTION=(CONNECT_DATA=(SERVER=POOLED)(X=\\)))",
            "(DESCRIPTION=(CONNECT_DATA=(SERVER=POOLED)(X=\"y))",
        ] {
            assert_eq!(read(text), Ok(None), "{text}");
        }
    }

    #[test]
    fn a_list_ends_where_its_parenthesis_does() {
        assert_eq!(list_length("(A=(B=x)) (C=y)"), Some(9));
        assert_eq!(list_length("(A=\")\")rest"), Some(7));
        assert_eq!(list_length("(A=(B=x)"), None);
    }

    #[test]
    fn nothing_is_too_deep() {
        let deep = |opened: usize, closed: usize| format!("{}{}", "(A=".repeat(opened), ")".repeat(closed));
        assert!(read(&deep(100_000, 100_000)).unwrap().unwrap().pooling.is_none());
        assert!(read(&deep(100_000, 99_999)).is_err());
    }
}
