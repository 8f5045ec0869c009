//! Python that a model file does not have: each construct with the alternative that it does have.

use dslsim_source::Diagnostic;

use crate::context::Context;
use crate::token::Token;

/// What is refused.
pub(crate) struct Refused {
    /// The word it begins with.
    pub(crate) word: &'static str,
    /// What it is called.
    what: &'static str,
    /// The way out.
    help: Option<&'static str>,
    /// Whether it has a body of further lines.
    pub(crate) body: bool,
}

const fn refused(
    word: &'static str,
    what: &'static str,
    body: bool,
    help: Option<&'static str>,
) -> Refused {
    Refused {
        word,
        what,
        help,
        body,
    }
}

const STATEMENTS: &[Refused] = &[
    refused(
        "for",
        "loops (`for`)",
        true,
        Some(
            "to vary parameters use `sweep('model.eq', name=values)`, to make connections `S.connect(j='…')`, to fill variables a string such as `G.v = '…'`",
        ),
    ),
    refused(
        "while",
        "loops (`while`)",
        true,
        Some(
            "to vary parameters use `sweep('model.eq', name=values)`, to continue a simulation call `run` again",
        ),
    ),
    refused(
        "if",
        "`if` statements",
        true,
        Some("write a conditional expression, `x = a if condition else b`"),
    ),
    refused(
        "elif",
        "`elif` statements",
        true,
        Some("write a conditional expression, `x = a if condition else b`"),
    ),
    refused(
        "else",
        "`else` statements",
        true,
        Some("write a conditional expression, `x = a if condition else b`"),
    ),
    refused(
        "def",
        "functions (`def`)",
        true,
        Some(
            "put lines that are used several times into a file of their own and `include('file.eq')` it",
        ),
    ),
    refused(
        "class",
        "classes",
        true,
        Some(
            "put lines that are used several times into a file of their own and `include('file.eq')` it",
        ),
    ),
    refused("with", "`with` statements", true, None),
    refused("try", "`try` statements", true, None),
    refused("except", "`except` statements", true, None),
    refused("finally", "`finally` statements", true, None),
    refused("async", "`async` statements", true, None),
    refused(
        "match",
        "`match` statements",
        true,
        Some("write a conditional expression, `x = a if condition else b`"),
    ),
    refused("global", "`global` statements", false, None),
    refused("nonlocal", "`nonlocal` statements", false, None),
    refused(
        "del",
        "`del` statements",
        false,
        Some("leave it out: what is not used costs nothing"),
    ),
    refused(
        "return",
        "`return` statements",
        false,
        Some("to hand out a result call `save(name=value)`"),
    ),
    refused("yield", "`yield` statements", false, None),
    refused("raise", "`raise` statements", false, None),
    refused(
        "assert",
        "`assert` statements",
        false,
        Some("to look at a value call `print(value)`"),
    ),
    refused("break", "`break` statements", false, None),
    refused("continue", "`continue` statements", false, None),
];

/// The refused statement that a word begins.
pub(crate) fn statement(word: &str) -> Option<&'static Refused> {
    STATEMENTS.iter().find(|r| r.word == word)
}

fn error(context: &Context<'_>, token: &Token, what: &str, help: Option<&str>) -> Diagnostic {
    Diagnostic::error(
        "unsupported-python",
        context.span_of(token),
        format!("{what} are not part of a model file"),
    )
    .help_opt(help.map(str::to_owned))
}

/// The message about a refused statement that begins at a token.
pub(crate) fn refuse(context: &Context<'_>, token: &Token, refused: &Refused) -> Diagnostic {
    error(context, token, refused.what, refused.help)
}

/// `@decorator` before a function.
pub(crate) fn decorator(context: &Context<'_>, at: &Token, name: &str) -> Diagnostic {
    let help = match name {
        "network_operation" => "write what happens during the run as `G.run_regularly('…', dt=…)`",
        "implementation" | "check_units" | "declare_types" => {
            "write the function as a subexpression, `x = … : 1`, in the equations"
        }
        _ => {
            "put lines that are used several times into a file of their own and `include('file.eq')` it"
        }
    };
    error(context, at, "decorated functions (`@…`)", Some(help))
}

/// `for`, `lambda`, `await`, `yield` inside an expression.
pub(crate) fn in_expression(context: &Context<'_>, token: &Token, brackets: bool) -> Diagnostic {
    match context.word(token) {
        "for" if brackets => error(
            context,
            token,
            "comprehensions (`… for … in …`)",
            Some(
                "compute with whole arrays, as in `arange(10)*2`; to vary parameters use `sweep`, to make connections `S.connect(j='…')`",
            ),
        ),
        "for" => error(
            context,
            token,
            "loops (`for`)",
            Some("compute with whole arrays, as in `arange(10)*2`"),
        ),
        "lambda" => error(
            context,
            token,
            "functions (`lambda`)",
            Some("write the expression itself where it is needed"),
        ),
        word => error(context, token, &format!("`{word}` expressions"), None),
    }
}

/// `:=`
pub(crate) fn walrus(context: &Context<'_>, token: &Token) -> Diagnostic {
    error(
        context,
        token,
        "assignments inside expressions (`:=`)",
        Some("assign on a line of its own with `=`"),
    )
}

/// `*args`, `**kwargs`, `a, *b = …`
pub(crate) fn starred(context: &Context<'_>, token: &Token) -> Diagnostic {
    error(
        context,
        token,
        "unpacked sequences (`*` before a value)",
        Some("write the values one by one"),
    )
}

/// `name: type = value`
pub(crate) fn annotation(context: &Context<'_>, token: &Token) -> Diagnostic {
    error(
        context,
        token,
        "type annotations (`name: type`)",
        Some("leave out the colon and the type"),
    )
}
