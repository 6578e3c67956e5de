//! A program's step phase as Rust text: a few loops over the lanes of a block, compiled once per vector width.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::stages::{Place, Stages};
use crate::program::{BinaryOp, ColumnId, Distribution, Op, PhaseKind, Program, UnaryOp, ValueId};
use crate::real::Float;

/// The text of a module `module` with functions `scalar`, `fma`, `avx2` and `avx512`, each of the type
/// `unsafe fn(columns: &[*mut u8], n_blocks: usize, uniforms: &[f64], draws: Draws)`, where `columns` are those of
/// [`Program::step_columns`] and hold numbers of the given kind. Literals and uniforms are rounded to it.
///
/// The text refers to `LANES`, `Draws` and `math` of the module that includes it.
pub fn emit(program: &Program, module: &str, float: Float) -> String {
    let phase = program.phase(PhaseKind::Step);
    let invariants = phase.invariants(program.columns());
    let uniform: BTreeMap<ValueId, usize> = invariants.wanted.iter().enumerate().map(|(k, &v)| (v, k)).collect();
    let stages = Stages::new(phase, &invariants.is_invariant);
    let name = |value: ValueId| match (&phase.ops[value.0 as usize], uniform.get(&value)) {
        (Op::Constant(number), _) => literal(*number, float),
        (_, Some(k)) => format!("u{k}"),
        _ => format!("v{}", value.0),
    };

    let touched: Vec<(ColumnId, bool)> = program.step_columns();

    let mut body = String::new();
    for stage in 0..stages.count {
        body.push_str("        for i in 0..LANES {\n");
        for (value, place) in stages.handed_to(phase, stage) {
            let source = match place {
                Place::Column(column) => format!("c{}[i]", column.0),
                Place::Temporary(t) => format!("t[{t}][i]"),
            };
            writeln!(body, "            let v{} = {source};", value.0).expect("writing to a string works");
        }
        for (n, op) in phase
            .ops
            .iter()
            .enumerate()
            .filter(|(n, _)| stages.of[*n] == Some(stage))
        {
            writeln!(body, "            let v{n} = {};", operation(op, float, name))
                .expect("writing to a string works");
            if let Some(t) = stages.temporary.get(&ValueId(n as u32)) {
                writeln!(body, "            t[{t}][i] = v{n};").expect("writing to a string works");
            }
        }
        for ((column, value), _) in phase.stores.iter().zip(&stages.stores).filter(|(_, s)| **s == stage) {
            writeln!(body, "            c{}[i] = {};", column.0, name(*value)).expect("writing to a string works");
        }
        body.push_str("        }\n");
    }
    let uniforms: String = (0..uniform.len())
        .map(|k| format!("        let u{k} = uniforms[{k}];\n"))
        .collect();
    let parameters: String = touched
        .iter()
        .map(|(column, written)| format!(", c{}: &{}Lanes", column.0, if *written { "mut " } else { "" }))
        .collect();
    let arguments: String = touched
        .iter()
        .enumerate()
        .map(|(n, (_, written))| format!(", &{}*at({n})", if *written { "mut " } else { "" }))
        .collect();

    let mut text = format!(
        "pub(super) mod {module} {{
    use super::{{Draws, LANES, {math}}};

    type Number = {number};
    type Lanes = [Number; LANES];

    #[inline(always)]
    fn truth(condition: bool) -> Number {{
        if condition {{ 1.0 }} else {{ 0.0 }}
    }}

    #[inline(always)]
    fn block(t: &mut [Lanes; {n_temporaries}], uniforms: &[Number; {n_uniforms}], draws: Draws, first: u64{parameters}) {{
{uniforms}{body}    }}

    #[inline(always)]
    unsafe fn blocks(columns: &[*mut u8], n_blocks: usize, uniforms: &[f64], draws: Draws) {{
        let uniforms: &[f64; {n_uniforms}] = uniforms.try_into().expect(\"one number for each invariant\");
        let uniforms = &uniforms.map(|uniform| uniform as Number);
        let columns: &[*mut u8; {n_columns}] = columns.try_into().expect(\"all columns that the step touches\");
        let mut temporaries = [[0.0; LANES]; {n_temporaries}];
        for b in 0..n_blocks {{
            // SAFETY: by the caller every column has `n_blocks` blocks of LANES numbers; columns do not overlap.
            unsafe {{
                let at = |n: usize| columns[n].cast::<Lanes>().add(b);
                block(&mut temporaries, uniforms, draws, (b * LANES) as u64{arguments});
            }}
        }}
    }}
",
        n_uniforms = uniform.len(),
        n_columns = touched.len(),
        n_temporaries = stages.temporary.len(),
        number = match float {
            Float::Double => "f64",
            Float::Single => "f32",
        },
        math = match float {
            Float::Double => "math",
            Float::Single => "math::single as math",
        },
    );
    for (function, features) in [
        ("scalar", ""),
        ("fma", "fma"),
        ("avx2", "avx2,fma"),
        ("avx512", "avx512f,avx512dq,avx512vl,avx2,fma"),
    ] {
        let attribute = if features.is_empty() {
            String::new()
        } else {
            format!("    #[target_feature(enable = \"{features}\")]\n")
        };
        write!(
            text,
            "
{attribute}    pub(crate) unsafe fn {function}(columns: &[*mut u8], n_blocks: usize, uniforms: &[f64], draws: Draws) {{
        // SAFETY: by the caller.
        unsafe {{ blocks(columns, n_blocks, uniforms, draws) }}
    }}
"
        )
        .expect("writing to a string works");
    }
    text.push_str("}\n");
    text
}

fn literal(number: f64, float: Float) -> String {
    let single = number as f32;
    match float {
        Float::Double if number.is_finite() => format!("{number:?}_f64"),
        Float::Double => format!("f64::from_bits({:#018x})", number.to_bits()),
        Float::Single if single.is_finite() => format!("{single:?}_f32"),
        Float::Single => format!("f32::from_bits({:#010x})", single.to_bits()),
    }
}

fn operation(op: &Op, float: Float, name: impl Fn(ValueId) -> String) -> String {
    match *op {
        Op::Constant(_) | Op::Dt => unreachable!("constants are invariant"),
        Op::Load(column) => format!("c{}[i]", column.0),
        Op::Draw(distribution, number) => {
            let draw = match (distribution, float) {
                (Distribution::Uniform, Float::Double) => "uniform",
                (Distribution::Uniform, Float::Single) => "uniform_single",
                (Distribution::Normal, Float::Double) => "normal",
                (Distribution::Normal, Float::Single) => "normal_single",
            };
            format!("draws.{draw}({number}, first + i as u64)")
        }
        Op::Unary(op, a) => {
            let a = name(a);
            match op {
                UnaryOp::Negate => format!("-{a}"),
                UnaryOp::Absolute => format!("{a}.abs()"),
                UnaryOp::Sqrt => format!("{a}.sqrt()"),
                UnaryOp::Floor => format!("{a}.floor()"),
                UnaryOp::Exp => format!("math::exp({a})"),
                UnaryOp::Expm1 => format!("math::expm1({a})"),
                UnaryOp::Exprel => format!("math::exprel({a})"),
                UnaryOp::Bernoulli => format!("math::bernoulli({a})"),
                UnaryOp::Log => format!("math::log({a})"),
                UnaryOp::Tanh => format!("math::tanh({a})"),
                UnaryOp::Sin => format!("math::sin({a})"),
                UnaryOp::Cos => format!("math::cos({a})"),
                UnaryOp::Not => format!("truth({a} == 0.0)"),
            }
        }
        Op::Binary(op, a, b) => {
            let (a, b) = (name(a), name(b));
            match op {
                BinaryOp::Add => format!("{a} + {b}"),
                BinaryOp::Subtract => format!("{a} - {b}"),
                BinaryOp::Multiply => format!("{a} * {b}"),
                BinaryOp::Divide => format!("{a} / {b}"),
                BinaryOp::Min => format!("if {a} < {b} {{ {a} }} else {{ {b} }}"),
                BinaryOp::Max => format!("if {a} > {b} {{ {a} }} else {{ {b} }}"),
                BinaryOp::Power => format!("math::pow({a}, {b})"),
                BinaryOp::Less => format!("truth({a} < {b})"),
                BinaryOp::LessEqual => format!("truth({a} <= {b})"),
                BinaryOp::Equal => format!("truth({a} == {b})"),
                BinaryOp::And => format!("truth(({a} != 0.0) & ({b} != 0.0))"),
                BinaryOp::Or => format!("truth(({a} != 0.0) | ({b} != 0.0))"),
            }
        }
        Op::Fma(a, b, c) => format!("Number::mul_add({}, {}, {})", name(a), name(b), name(c)),
        Op::Select {
            condition,
            then,
            otherwise,
        } => {
            format!(
                "if {} != 0.0 {{ {} }} else {{ {} }}",
                name(condition),
                name(then),
                name(otherwise)
            )
        }
    }
}
