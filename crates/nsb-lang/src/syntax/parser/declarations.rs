//! The lines of sections. A value that cannot be read becomes an error node, so that its name is still declared.

use crate::source::{Span, Spanned};
use crate::syntax::keywords::Section;
use crate::syntax::token::{TokenKind, shorten};
use crate::syntax::tree::{
    AssignmentOperator, AssignmentSyntax, DeclarationSyntax, EquationSyntax, Expression, ExpressionKind,
    FunctionSyntax, Item, Owner, ParameterSyntax, PresetSyntax, UnitSyntax, VariableSyntax,
};

use super::{Parsed, Parser, Reported, units};

const PARAMETER: &str = "write `NAME = VALUE UNIT in [LOW, HIGH] UNIT \"description\"`";
const INPUT: &str = "write `NAME : UNIT \"description\"`, for example `I : pA \"injected current\"`";
const FUNCTION: &str = "write `NAME(x) = EXPRESSION`, for example `rate(v) = 4/ms * exp(-v / 18 mV)`";
const EQUATION: &str = "write `dX/dt = EXPRESSION : UNIT` or `X = EXPRESSION : UNIT`";
const PRESET: &str = "write `NAME: PARAMETER = VALUE UNIT, PARAMETER = VALUE UNIT \"description\"`";
const ASSIGNMENT: &str = "write `NAME = EXPRESSION`";

impl Parser<'_> {
    /// One line of a section.
    pub(super) fn declaration(&mut self, section: Section) -> Parsed<Item> {
        match section {
            Section::Parameters => self.parameter().map(Item::Parameter),
            Section::Inputs => self.input().map(Item::Input),
            Section::Functions => self.function().map(Item::Function),
            Section::Equations => self.equation().map(|(equation, differential)| match differential {
                true => Item::Equation(equation),
                false => Item::Derived(equation),
            }),
            Section::Presets => self.preset().map(Item::Preset),
            Section::Initial => self.assignment().map(Item::Initial),
            Section::Reset => self.assignment().map(Item::Reset),
            Section::Per(owner) => self.variable(owner),
            Section::On(trigger) => self.assignment().map(|assignment| Item::On(trigger, assignment)),
            _ => self.assignment().map(Item::OnSpike),
        }
    }

    fn parameter(&mut self) -> Parsed<ParameterSyntax> {
        let name = self.declared_name("the name of a parameter", PARAMETER)?;
        let (default, unit) = (unreadable(self.span()), no_unit(self.span()));
        let mut parameter = ParameterSyntax {
            name,
            default,
            unit,
            range: None,
            doc: None,
        };
        let read = self.rest_of_parameter(&mut parameter);
        self.keep_going(read);
        Ok(parameter)
    }

    fn rest_of_parameter(&mut self, parameter: &mut ParameterSyntax) -> Parsed<()> {
        self.expect(&TokenKind::Assign, PARAMETER)?;
        self.continue_line();
        parameter.default = self.value();
        parameter.unit.span = units::span_of_unit(&parameter.default);
        if parameter.default.kind != ExpressionKind::Error {
            parameter.unit.text = units::unit_of(&parameter.default).unwrap_or_else(|| "1".to_owned());
        }
        if self.accept(&TokenKind::In) {
            parameter.range = Some(self.range()?);
        }
        parameter.doc = self.text();
        Ok(())
    }

    /// `[LOW, HIGH] UNIT`
    pub(super) fn range(&mut self) -> Parsed<(Expression, Expression)> {
        self.expect(&TokenKind::OpenBracket, "write the range as `[LOW, HIGH] UNIT`")?;
        self.open += 1;
        let low = self.expression()?;
        self.expect(&TokenKind::Comma, "write the range as `[LOW, HIGH] UNIT`")?;
        let high = self.expression()?;
        self.expect(&TokenKind::CloseBracket, "write the range as `[LOW, HIGH] UNIT`")?;
        self.open -= 1;
        if !matches!(
            self.kind(0),
            TokenKind::Name(_) | TokenKind::Number(_) | TokenKind::Open
        ) {
            return Ok((low, high));
        }
        let start = self.span();
        let (unit, _) = self.unit("the unit of the range")?;
        if units::unit_of(&low)
            .or_else(|| units::unit_of(&high))
            .is_some_and(|unit| unit != "1")
        {
            let hint = "write it after the bracket only: `[LOW, HIGH] UNIT`";
            self.report.error(
                "E0114",
                start.to(unit.span),
                "the unit of the range is given twice",
                hint,
            );
            return Err(Reported);
        }
        Ok((units::with_unit(low, &unit), units::with_unit(high, &unit)))
    }

    fn input(&mut self) -> Parsed<DeclarationSyntax> {
        let name = self.declared_name("the name of an input", INPUT)?;
        let mut input = DeclarationSyntax {
            name,
            unit: no_unit(self.span()),
            doc: None,
        };
        let read = self.rest_of_input(&mut input);
        self.keep_going(read);
        Ok(input)
    }

    fn rest_of_input(&mut self, input: &mut DeclarationSyntax) -> Parsed<()> {
        self.expect(&TokenKind::Colon, INPUT)?;
        input.unit = self.unit("the unit of the input")?.1;
        input.doc = self.text();
        Ok(())
    }

    fn preset(&mut self) -> Parsed<PresetSyntax> {
        let name = self.declared_name("the name of a preset", PRESET)?;
        let mut preset = PresetSyntax {
            name,
            values: Vec::new(),
            doc: None,
        };
        let read = self.rest_of_preset(&mut preset);
        self.keep_going(read);
        Ok(preset)
    }

    fn rest_of_preset(&mut self, preset: &mut PresetSyntax) -> Parsed<()> {
        self.expect(&TokenKind::Colon, PRESET)?;
        loop {
            // The list goes on in the next line, which looks like a declaration because of its `=`.
            if *self.kind(0) == TokenKind::Newline
                && matches!(self.kind(1), TokenKind::Name(_))
                && self.kind(2).assigns()
            {
                self.advance();
            }
            let name = self.declared_name("the name of a parameter", PRESET)?;
            self.expect(&TokenKind::Assign, PRESET)?;
            self.continue_line();
            let value = self.value();
            preset.values.push(AssignmentSyntax {
                name,
                operator: AssignmentOperator::Set,
                value,
            });
            if !self.accept(&TokenKind::Comma) {
                break;
            }
        }
        if *self.kind(0) == TokenKind::Newline && matches!(self.kind(1), TokenKind::Text(_)) {
            self.advance();
        }
        preset.doc = self.text();
        Ok(())
    }

    fn function(&mut self) -> Parsed<FunctionSyntax> {
        let name = self.declared_name("the name of a function", FUNCTION)?;
        self.expect(&TokenKind::Open, FUNCTION)?;
        self.open += 1;
        let mut arguments = Vec::new();
        if *self.peek() != TokenKind::Close {
            loop {
                self.peek();
                arguments.push(self.declared_name("the name of an argument", FUNCTION)?);
                if !self.accept(&TokenKind::Comma) {
                    break;
                }
            }
        }
        self.expect(&TokenKind::Close, FUNCTION)?;
        self.open -= 1;
        self.expect(&TokenKind::Assign, FUNCTION)?;
        self.continue_line();
        let body = self.value();
        let doc = self.text();
        Ok(FunctionSyntax {
            name,
            arguments,
            body,
            doc,
        })
    }

    /// A variable of a synapse model: an equation, a formula, or in `per target` the name of a variable of the neuron.
    fn variable(&mut self, owner: Owner) -> Parsed<Item> {
        if matches!(self.kind(0), TokenKind::Name(_)) && *self.kind(1) == TokenKind::Colon {
            let read = self.input()?;
            if owner != Owner::Target {
                let message = format!("`{}` has no formula", shorten(&read.name.value));
                let hint = "write `dX/dt = EXPRESSION : UNIT`; only `per target` reads variables of the neuron";
                self.report.error("E0114", read.name.span, message, hint);
            }
            return Ok(Item::Per(owner, VariableSyntax::Read(read)));
        }
        let (equation, differential) = self.equation()?;
        let variable = match differential {
            true => VariableSyntax::Equation(equation),
            false => VariableSyntax::Derived(equation),
        };
        Ok(Item::Per(owner, variable))
    }

    /// An equation, and whether it is a differential one.
    fn equation(&mut self) -> Parsed<(EquationSyntax, bool)> {
        let (name, differential) = self.left_side()?;
        let (value, unit) = (unreadable(self.span()), no_unit(self.span()));
        let mut equation = EquationSyntax {
            name,
            value,
            unit,
            doc: None,
        };
        let read = self.rest_of_equation(&mut equation, differential);
        self.keep_going(read);
        Ok((equation, differential))
    }

    fn rest_of_equation(&mut self, equation: &mut EquationSyntax, differential: bool) -> Parsed<()> {
        let name = &equation.name.value;
        if *self.kind(0) == TokenKind::Colon {
            self.report.error(
                "E0114",
                self.span(),
                format!("`{}` has no formula", shorten(name)),
                EQUATION,
            );
            self.advance();
            equation.unit = self.unit("the variable's unit")?.1;
            equation.doc = self.text();
            return Ok(());
        }
        self.expect(&TokenKind::Assign, EQUATION)?;
        self.continue_line();
        let start = self.at;
        equation.value = self.value();
        let complete = self.kind(0).ends_line() || matches!(self.kind(0), TokenKind::Colon | TokenKind::Text(_));
        if !complete && equation.value.kind != ExpressionKind::Error {
            self.unexpected(
                "`:` and a unit, or an operator",
                "an operator such as `*` may be missing",
            );
            equation.value = self.skip_value(start);
        }
        let failed = equation.value.kind == ExpressionKind::Error;
        if self.accept(&TokenKind::Colon) {
            if failed && self.kind(0).ends_line() {
                return Err(Reported);
            }
            equation.unit = self.unit("the variable's unit")?.1;
            equation.doc = self.text();
            return Ok(());
        }
        if failed {
            return Err(Reported);
        }
        let left = if differential {
            format!("d{name}/dt")
        } else {
            name.clone()
        };
        let end = self.end_of_previous();
        let hint = format!("write `{left} = … : UNIT`, for example `: mV` for a voltage, `: 1` for a plain number");
        let message = format!("the equation of `{}` has no unit", shorten(name));
        self.report.error("E0108", Span::new(end, end), message, hint);
        Err(Reported)
    }

    /// `dX/dt` or `X`: the variable, and whether it is a state.
    fn left_side(&mut self) -> Parsed<(Spanned<String>, bool)> {
        let start = self.span();
        let first = self.declared_name("an equation", EQUATION)?;
        match self.kind(0) {
            TokenKind::Slash => {
                let below = match self.kind(1) {
                    TokenKind::Name(below) => below.as_str(),
                    _ => "",
                };
                let variable = first.value.strip_prefix('d').filter(|variable| !variable.is_empty());
                let span = start.to(self.token(self.at + 1).span);
                self.advance();
                if !self.kind(0).ends_line() {
                    self.advance();
                }
                match variable {
                    Some(variable) if below == "dt" => {
                        let span = Span::new(start.start + 1, start.end);
                        Ok((Spanned::new(variable.to_owned(), span), true))
                    }
                    _ => {
                        let meant = variable.unwrap_or(if first.value == "d" { "X" } else { &first.value });
                        let hint = format!("write `d{meant}/dt`; time is called `t`");
                        self.report
                            .error("E0109", span, "this is not the derivative of a variable", hint);
                        if below.is_empty() {
                            Err(Reported)
                        } else {
                            Ok((Spanned::new(meant.to_owned(), start), true))
                        }
                    }
                }
            }
            TokenKind::Prime => {
                while *self.kind(0) == TokenKind::Prime {
                    self.advance();
                }
                let span = Span::new(start.start, self.end_of_previous());
                let message = format!("derivatives are not written `{}'`", first.value);
                self.report
                    .error("E0109", span, message, format!("write `d{}/dt`", first.value));
                Ok((first, true))
            }
            _ => Ok((first, false)),
        }
    }

    fn assignment(&mut self) -> Parsed<AssignmentSyntax> {
        let name = self.declared_name("the name of a variable", ASSIGNMENT)?;
        let span = self.span();
        let operator = match self.kind(0) {
            TokenKind::Assign => AssignmentOperator::Set,
            TokenKind::AddAssign => AssignmentOperator::Add,
            TokenKind::SubtractAssign => AssignmentOperator::Subtract,
            TokenKind::MultiplyAssign => AssignmentOperator::Multiply,
            TokenKind::Equal => {
                self.report.error(
                    "E0109",
                    span,
                    "`==` compares; this line should set a variable",
                    "write `=`",
                );
                AssignmentOperator::Set
            }
            TokenKind::DivideAssign => {
                let hint = format!("write `{0} = {0} / …`", name.value);
                self.report.error("E0109", span, "there is no `/=`", hint);
                return Err(Reported);
            }
            _ => return Err(self.unexpected("`=`, `+=`, `-=` or `*=`", ASSIGNMENT)),
        };
        self.advance();
        self.continue_line();
        let value = self.value();
        Ok(AssignmentSyntax { name, operator, value })
    }

    /// An expression; one that cannot be read is passed over, up to the unit or description after it.
    fn value(&mut self) -> Expression {
        let start = self.at;
        match self.expression() {
            Ok(value) => value,
            Err(Reported) => self.skip_value(start),
        }
    }

    /// Passes over an expression that began at `start`.
    fn skip_value(&mut self, start: usize) -> Expression {
        let before = self.token(start).span;
        self.open = 0;
        self.depth = 0;
        let mut nesting: isize = self.tokens[start..self.at].iter().map(|t| t.kind.nesting()).sum();
        loop {
            match self.kind(0) {
                TokenKind::End | TokenKind::Colon | TokenKind::Text(_) => break,
                TokenKind::Newline if nesting <= 0 || self.declaration_starts(self.at + 1) => break,
                TokenKind::In if nesting <= 0 => break,
                kind => nesting += kind.nesting(),
            }
            self.advance();
        }
        unreadable(Span::new(before.start, self.end_of_previous().max(before.start)))
    }
}

/// Stands where an expression could not be read; the error was reported.
fn unreadable(span: Span) -> Expression {
    Expression {
        kind: ExpressionKind::Error,
        span,
    }
}

/// Stands where a unit could not be read; the error was reported.
fn no_unit(span: Span) -> UnitSyntax {
    UnitSyntax {
        text: String::new(),
        span,
    }
}
