//! The syntax tree: what was written, names and units unresolved.

use crate::source::{Span, Spanned};

/// A parsed text: any number of models.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct File {
    /// The models in the order they were written.
    pub models: Vec<ModelSyntax>,
}

/// One model as written.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelSyntax {
    /// The first word: `neuron`, `receptor`, `synapse`, or a planned kind (`junction`, `coupling`).
    pub kind: Spanned<String>,
    /// The model's name.
    pub name: Spanned<String>,
    /// One line for people.
    pub title: Option<Spanned<String>>,
    /// The sections in the order they were written; a section keyword may occur twice.
    pub items: Vec<Item>,
    /// From the kind to the end of the last item.
    pub span: Span,
}

/// One declaration.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// `reference "…"`: where the equations and numbers come from.
    Reference(Spanned<String>),
    /// `method strang`: the integration method used unless the user names another.
    Method(Spanned<String>),
    /// `max_dt 0.05 ms`: explicit methods refuse a larger step.
    MaxDt(Expression),
    /// A line of `parameters:`.
    Parameter(ParameterSyntax),
    /// A line of `inputs:`: `NAME : UNIT "doc"`.
    Input(DeclarationSyntax),
    /// A line of `functions:`.
    Function(FunctionSyntax),
    /// A line of `equations:` of the form `dX/dt = expression : UNIT "doc"`.
    Equation(EquationSyntax),
    /// A line of `equations:` of the form `NAME = expression : UNIT "doc"`: a derived variable.
    Derived(EquationSyntax),
    /// A line of `initial:`.
    Initial(AssignmentSyntax),
    /// `threshold: condition`.
    Threshold(Expression),
    /// `rearm: condition`: where the detector becomes ready again.
    Rearm(Expression),
    /// A line of `reset:`.
    Reset(AssignmentSyntax),
    /// `refractory: duration holding NAME, NAME`.
    Refractory {
        /// How long.
        duration: Expression,
        /// The states that stay as they are meanwhile.
        holding: Vec<Spanned<String>>,
    },
    /// A line of `presets:`.
    Preset(PresetSyntax),
    /// A line of `on spike:` of a receptor.
    OnSpike(AssignmentSyntax),
    /// `current: expression`: what a receptor sends into its cell.
    Current(Expression),
    /// A line of `per source:`, `per target:` or `per synapse:` of a synapse.
    Per(Owner, VariableSyntax),
    /// `bounds: [low, high]` of a synapse's weight.
    Bounds(Expression, Expression),
    /// A line of `on pre:`, `on post:`, `on reward:` or `on update:` of a synapse.
    On(Trigger, AssignmentSyntax),
    /// `update every: duration`.
    UpdateEvery(Expression),
    /// `update where: condition`.
    UpdateWhere(Expression),
    /// A section that the language knows but the engine cannot run yet (`algebraic`, `between`, …).
    Planned {
        /// The section's keyword.
        what: String,
        /// Where it stands, its body included.
        span: Span,
    },
}

/// Of what a variable of a synapse model exists once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// Each synapse.
    Synapse,
    /// Each presynaptic cell and delay, as seen at the synapse.
    Source,
    /// Each postsynaptic cell.
    Target,
}

/// What makes a synapse change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trigger {
    /// A presynaptic spike arrives.
    Pre,
    /// The postsynaptic cell fires.
    Post,
    /// A reward is given.
    Reward,
    /// The time of an update has come.
    Update,
}

impl Owner {
    /// The word for it: `synapse`, `source` or `target`.
    pub const fn name(self) -> &'static str {
        match self {
            Owner::Synapse => "synapse",
            Owner::Source => "source",
            Owner::Target => "target",
        }
    }

    /// The section that declares its variables.
    pub const fn section(self) -> &'static str {
        match self {
            Owner::Synapse => "per synapse",
            Owner::Source => "per source",
            Owner::Target => "per target",
        }
    }
}

impl Trigger {
    /// All triggers.
    pub const ALL: [Trigger; 4] = [Trigger::Pre, Trigger::Post, Trigger::Reward, Trigger::Update];

    /// The section of its statements.
    pub const fn section(self) -> &'static str {
        match self {
            Trigger::Pre => "on pre",
            Trigger::Post => "on post",
            Trigger::Reward => "on reward",
            Trigger::Update => "on update",
        }
    }
}

/// What a line that declares a variable of a synapse model says about it.
#[derive(Debug, Clone, PartialEq)]
pub enum VariableSyntax {
    /// `dX/dt = expression : UNIT "doc"`
    Equation(EquationSyntax),
    /// `X = expression : UNIT "doc"`
    Derived(EquationSyntax),
    /// `X : UNIT "doc"`: a variable of the neuron.
    Read(DeclarationSyntax),
}

/// `NAME = default in [low, high] UNIT "doc"`.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterSyntax {
    /// The parameter's name.
    pub name: Spanned<String>,
    /// A constant expression, usually a quantity such as `120 mS/cm^2`.
    pub default: Expression,
    /// The unit in which the default was written, used to print values (`1` for a bare number).
    pub unit: UnitSyntax,
    /// Smallest and largest allowed value.
    pub range: Option<(Expression, Expression)>,
    /// What it means.
    pub doc: Option<Spanned<String>>,
}

/// `NAME : UNIT "doc"`.
#[derive(Debug, Clone, PartialEq)]
pub struct DeclarationSyntax {
    /// The declared name.
    pub name: Spanned<String>,
    /// Its unit.
    pub unit: UnitSyntax,
    /// What it means.
    pub doc: Option<Spanned<String>>,
}

/// `NAME(a, b) = expression "doc"`.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionSyntax {
    /// The function's name.
    pub name: Spanned<String>,
    /// The names of its arguments.
    pub arguments: Vec<Spanned<String>>,
    /// Its value.
    pub body: Expression,
    /// What it means.
    pub doc: Option<Spanned<String>>,
}

/// `NAME: PARAMETER = value, PARAMETER = value "doc"`.
#[derive(Debug, Clone, PartialEq)]
pub struct PresetSyntax {
    /// The preset's name.
    pub name: Spanned<String>,
    /// Parameters and their values, all set with `=`.
    pub values: Vec<AssignmentSyntax>,
    /// What it means.
    pub doc: Option<Spanned<String>>,
}

/// `dX/dt = expression : UNIT "doc"` or `X = expression : UNIT "doc"`; the unit is that of X.
#[derive(Debug, Clone, PartialEq)]
pub struct EquationSyntax {
    /// The variable (without `d` and `/dt`).
    pub name: Spanned<String>,
    /// The right-hand side.
    pub value: Expression,
    /// The variable's unit.
    pub unit: UnitSyntax,
    /// What it means.
    pub doc: Option<Spanned<String>>,
}

/// `NAME = expression` or `NAME += expression` (also `-=`, `*=`).
#[derive(Debug, Clone, PartialEq)]
pub struct AssignmentSyntax {
    /// The variable that changes.
    pub name: Spanned<String>,
    /// How.
    pub operator: AssignmentOperator,
    /// The right-hand side.
    pub value: Expression,
}

/// The sign between the two sides of an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssignmentOperator {
    /// `=`
    Set,
    /// `+=`
    Add,
    /// `-=`
    Subtract,
    /// `*=`
    Multiply,
}

/// A unit as written, for example `mS/cm^2`; resolved by `units`.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitSyntax {
    /// The text without white space, but with a blank between two symbols; `1` for dimensionless; empty if it could
    /// not be read, which a diagnostic says.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// An expression and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// Where it stands.
    pub span: Span,
}

/// The forms of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum ExpressionKind {
    /// A bare number.
    Number(f64),
    /// A number directly followed by a unit with an optional integer power: `40 mV`, `5 ms^-1`, `6.3 degC`.
    /// Further units are joined by ordinary operators: `120 mS/cm^2` is `(120 mS) / cm^2`.
    Quantity {
        /// The number.
        number: f64,
        /// The unit's symbol.
        unit: Spanned<String>,
        /// The power, 1 where none is written.
        power: i32,
    },
    /// A name: a declared variable or, where nothing of that name is declared, a unit.
    Name(String),
    /// `-x` or `not x`.
    Unary(UnaryOperator, Box<Expression>),
    /// Two operands.
    Binary(BinaryOperator, Box<Expression>, Box<Expression>),
    /// `f(a, b)`: a built-in or declared function.
    Call {
        /// The function.
        function: Spanned<String>,
        /// The arguments.
        arguments: Vec<Expression>,
    },
    /// Text that could not be understood; a diagnostic was given.
    Error,
}

/// Operators with one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `-`
    Negate,
    /// `not`
    Not,
}

/// Operators with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOperator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `^` or `**`
    Power,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `and`
    And,
    /// `or`
    Or,
}
