//! The functions of the equation language: a row each.

use crate::variables::VarType;

/// What a function computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is named like its function")]
pub enum Function {
    Exp,
    Log,
    Log10,
    Expm1,
    Log1p,
    Exprel,
    Sin,
    Cos,
    Tan,
    Sinh,
    Cosh,
    Tanh,
    Arcsin,
    Arccos,
    Arctan,
    Sqrt,
    Abs,
    Ceil,
    Floor,
    Sign,
    Clip,
    Int,
    Timestep,
    Min,
    Max,
    Rand,
    Randn,
    Poisson,
}

/// What a function demands of the units of its arguments, and the unit of its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Units {
    /// All pure numbers.
    Pure,
    /// Any unit; the result has its square root.
    Root,
    /// Any unit, the same for all; the result has it too.
    Same,
    /// Any unit; the result is a pure number.
    Drop,
    /// Times; the result is a pure number.
    Time,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The name in the language.
    pub name: &'static str,
    /// What it computes.
    pub function: Function,
    /// Number of arguments.
    pub arity: usize,
    /// The rule for units.
    pub units: Units,
    /// The type of the result; `None`: that of the first argument.
    pub result: Option<VarType>,
    /// What it is, for people.
    pub about: &'static str,
}

const fn row(
    name: &'static str,
    function: Function,
    arity: usize,
    units: Units,
    result: Option<VarType>,
    about: &'static str,
) -> Row {
    Row {
        name,
        function,
        arity,
        units,
        result,
        about,
    }
}

const FLOAT: Option<VarType> = Some(VarType::Float);
const INTEGER: Option<VarType> = Some(VarType::Integer);

/// All functions (Brian2's, and `min`, `max`).
pub const FUNCTIONS: &[Row] = &[
    row(
        "exp",
        Function::Exp,
        1,
        Units::Pure,
        FLOAT,
        "e to the power of x",
    ),
    row(
        "log",
        Function::Log,
        1,
        Units::Pure,
        FLOAT,
        "natural logarithm",
    ),
    row(
        "log10",
        Function::Log10,
        1,
        Units::Pure,
        FLOAT,
        "decimal logarithm",
    ),
    row(
        "expm1",
        Function::Expm1,
        1,
        Units::Pure,
        FLOAT,
        "exp(x) - 1, precise near 0",
    ),
    row(
        "log1p",
        Function::Log1p,
        1,
        Units::Pure,
        FLOAT,
        "log(1 + x), precise near 0",
    ),
    row(
        "exprel",
        Function::Exprel,
        1,
        Units::Pure,
        FLOAT,
        "(exp(x) - 1)/x, 1 at 0",
    ),
    row("sin", Function::Sin, 1, Units::Pure, FLOAT, "sine"),
    row("cos", Function::Cos, 1, Units::Pure, FLOAT, "cosine"),
    row("tan", Function::Tan, 1, Units::Pure, FLOAT, "tangent"),
    row(
        "sinh",
        Function::Sinh,
        1,
        Units::Pure,
        FLOAT,
        "hyperbolic sine",
    ),
    row(
        "cosh",
        Function::Cosh,
        1,
        Units::Pure,
        FLOAT,
        "hyperbolic cosine",
    ),
    row(
        "tanh",
        Function::Tanh,
        1,
        Units::Pure,
        FLOAT,
        "hyperbolic tangent",
    ),
    row(
        "arcsin",
        Function::Arcsin,
        1,
        Units::Pure,
        FLOAT,
        "inverse sine",
    ),
    row(
        "arccos",
        Function::Arccos,
        1,
        Units::Pure,
        FLOAT,
        "inverse cosine",
    ),
    row(
        "arctan",
        Function::Arctan,
        1,
        Units::Pure,
        FLOAT,
        "inverse tangent",
    ),
    row("sqrt", Function::Sqrt, 1, Units::Root, FLOAT, "square root"),
    row("abs", Function::Abs, 1, Units::Same, None, "absolute value"),
    row(
        "ceil",
        Function::Ceil,
        1,
        Units::Same,
        FLOAT,
        "smallest integer not below x",
    ),
    row(
        "floor",
        Function::Floor,
        1,
        Units::Same,
        FLOAT,
        "largest integer not above x",
    ),
    row(
        "sign",
        Function::Sign,
        1,
        Units::Drop,
        INTEGER,
        "-1, 0 or 1",
    ),
    row(
        "clip",
        Function::Clip,
        3,
        Units::Same,
        None,
        "clip(x, low, high): x kept between two bounds",
    ),
    row(
        "int",
        Function::Int,
        1,
        Units::Pure,
        INTEGER,
        "towards zero; 1 for true, 0 for false",
    ),
    row(
        "timestep",
        Function::Timestep,
        2,
        Units::Time,
        INTEGER,
        "timestep(t, dt): number of whole steps in t",
    ),
    row(
        "min",
        Function::Min,
        2,
        Units::Same,
        None,
        "the smaller of two",
    ),
    row(
        "max",
        Function::Max,
        2,
        Units::Same,
        None,
        "the larger of two",
    ),
    row(
        "rand",
        Function::Rand,
        0,
        Units::Pure,
        FLOAT,
        "a random number, uniform in [0, 1)",
    ),
    row(
        "randn",
        Function::Randn,
        0,
        Units::Pure,
        FLOAT,
        "a random number, normal with mean 0 and variance 1",
    ),
    row(
        "poisson",
        Function::Poisson,
        1,
        Units::Pure,
        INTEGER,
        "a random number of the Poisson distribution",
    ),
];

/// The row of a function.
pub fn lookup(name: &str) -> Option<&'static Row> {
    FUNCTIONS.iter().find(|r| r.name == name)
}

/// Habits from elsewhere, and what they are called here.
pub fn habit(name: &str) -> Option<&'static str> {
    Some(match name {
        "ln" => "log",
        "asin" => "arcsin",
        "acos" => "arccos",
        "atan" => "arctan",
        "fabs" => "abs",
        "round" => "floor",
        "heaviside" => "int",
        "pow" => "**",
        "random" | "uniform" => "rand",
        "normal" => "randn",
        "minimum" => "min",
        "maximum" => "max",
        _ => return None,
    })
}

/// The constants of the equation language.
pub fn constant(name: &str) -> Option<f64> {
    Some(match name {
        "pi" => std::f64::consts::PI,
        "e" => std::f64::consts::E,
        "inf" => f64::INFINITY,
        _ => return None,
    })
}
