//! The inner loops, compiled once per vector width.

#![allow(unsafe_code)]

use nsb_lang::math;
use nsb_lang::program::{BinaryOp, Distribution, UnaryOp};
use nsb_lang::random::Draws;

use super::compile::{Action, Code, Instruction, Operand, Slot};
use crate::columns::{Columns, LANES};
use crate::simd::Simd;

type Lanes = [f64; LANES];

/// Runs the code over all blocks of the columns.
pub(super) fn run(code: &Code, simd: Simd, columns: &mut Columns, draws: Draws, registers: &mut [f64]) {
    assert!(registers.len() >= code.n_registers * LANES);
    let stride = columns.stride();
    let n_columns = columns.count();
    let n_blocks = columns.blocks();
    let data = columns.data_mut();
    assert!(stride.is_multiple_of(LANES) && n_blocks * LANES <= stride && data.len() >= stride * n_columns);
    let valid = |slot: Slot| match slot {
        Slot::Column(n) => (n as usize) < n_columns,
        Slot::Register(n) => (n as usize) < code.n_registers,
    };
    debug_assert!(code.instructions.iter().all(|i| valid(i.target)));
    let block = Block {
        columns: data.as_mut_ptr(),
        stride,
        registers: registers.as_mut_ptr(),
        draws,
        first: 0,
    };
    // SAFETY: slots of a compiled phase are below the numbers of columns and registers (columns: `Interpreter::run`
    // checks the count; registers: allocated by `compile`), every block of LANES lies within its column because the
    // stride is a multiple of LANES, and the vector width was found on this CPU.
    unsafe {
        match simd {
            #[cfg(target_arch = "x86_64")]
            Simd::Avx512 => run_avx512(&code.instructions, block, n_blocks),
            #[cfg(target_arch = "x86_64")]
            Simd::Avx2 => run_avx2(&code.instructions, block, n_blocks),
            #[cfg(target_arch = "x86_64")]
            Simd::Scalar if Simd::has_fma() => {
                run_fma(&code.instructions, block, n_blocks);
            }
            _ => run_blocks(&code.instructions, block, n_blocks),
        }
    }
}

/// Where the slots of one block of lanes begin.
#[derive(Clone, Copy)]
struct Block {
    columns: *mut f64,
    stride: usize,
    registers: *mut f64,
    draws: Draws,
    /// Position of the first lane among the cells of the columns.
    first: u64,
}

impl Block {
    /// SAFETY: the slot must exist.
    #[inline(always)]
    unsafe fn place(self, slot: Slot) -> *mut Lanes {
        // SAFETY: by the caller.
        unsafe {
            match slot {
                Slot::Column(n) => self.columns.add(n as usize * self.stride).cast(),
                Slot::Register(n) => self.registers.add(n as usize * LANES).cast(),
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
unsafe fn run_avx512(instructions: &[Instruction], block: Block, n_blocks: usize) {
    // SAFETY: by the caller.
    unsafe { run_blocks(instructions, block, n_blocks) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn run_avx2(instructions: &[Instruction], block: Block, n_blocks: usize) {
    // SAFETY: by the caller.
    unsafe { run_blocks(instructions, block, n_blocks) }
}

/// The baseline with the fused multiply-add instruction, without which every `mul_add` is a call.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "fma")]
unsafe fn run_fma(instructions: &[Instruction], block: Block, n_blocks: usize) {
    // SAFETY: by the caller.
    unsafe { run_blocks(instructions, block, n_blocks) }
}

/// SAFETY: all slots must exist for `n_blocks` blocks, and no target may be among the operands of its instruction.
#[inline(always)]
unsafe fn run_blocks(instructions: &[Instruction], block: Block, n_blocks: usize) {
    for n in 0..n_blocks {
        // SAFETY: blocks lie side by side within each column.
        let block = Block {
            columns: unsafe { block.columns.add(n * LANES) },
            first: (n * LANES) as u64,
            ..block
        };
        for instruction in instructions {
            // SAFETY: by the caller; target and operands are different slots, so they do not overlap.
            unsafe {
                let target = &mut *block.place(instruction.target);
                run_one(instruction.action, block, target);
            }
        }
    }
}

/// An operand in place.
#[derive(Clone, Copy)]
enum Argument<'a> {
    Lanes(&'a Lanes),
    Literal(f64),
}

#[inline(always)]
unsafe fn run_one(action: Action, block: Block, target: &mut Lanes) {
    // SAFETY (closure): by the caller of `run_blocks`.
    let get = |operand: Operand| match operand {
        Operand::Lanes(slot) => Argument::Lanes(unsafe { &*block.place(slot) }),
        Operand::Literal(value) => Argument::Literal(value),
    };
    match action {
        Action::Copy(a) => unary(target, get(a), |a| a),
        Action::Unary(op, a) => {
            let a = get(a);
            match op {
                UnaryOp::Negate => unary(target, a, |a| -a),
                UnaryOp::Absolute => unary(target, a, f64::abs),
                UnaryOp::Sqrt => unary(target, a, f64::sqrt),
                UnaryOp::Floor => unary(target, a, f64::floor),
                UnaryOp::Exp => unary(target, a, math::exp),
                UnaryOp::Expm1 => unary(target, a, math::expm1),
                UnaryOp::Exprel => unary(target, a, math::exprel),
                UnaryOp::Bernoulli => unary(target, a, math::bernoulli),
                UnaryOp::Log => unary(target, a, math::log),
                UnaryOp::Tanh => unary(target, a, math::tanh),
                UnaryOp::Sin => unary(target, a, math::sin),
                UnaryOp::Cos => unary(target, a, math::cos),
                UnaryOp::Not => unary(target, a, |a| UnaryOp::Not.apply(a)),
            }
        }
        Action::Binary(op, a, b) => {
            let (a, b) = (get(a), get(b));
            match op {
                BinaryOp::Add => binary(target, a, b, |a, b| a + b),
                BinaryOp::Subtract => binary(target, a, b, |a, b| a - b),
                BinaryOp::Multiply => binary(target, a, b, |a, b| a * b),
                BinaryOp::Divide => binary(target, a, b, |a, b| a / b),
                BinaryOp::Min => binary(target, a, b, |a, b| BinaryOp::Min.apply(a, b)),
                BinaryOp::Max => binary(target, a, b, |a, b| BinaryOp::Max.apply(a, b)),
                BinaryOp::Power => binary(target, a, b, math::pow),
                BinaryOp::Less => binary(target, a, b, |a, b| BinaryOp::Less.apply(a, b)),
                BinaryOp::LessEqual => binary(target, a, b, |a, b| BinaryOp::LessEqual.apply(a, b)),
                BinaryOp::Equal => binary(target, a, b, |a, b| BinaryOp::Equal.apply(a, b)),
                BinaryOp::And => binary(target, a, b, |a, b| BinaryOp::And.apply(a, b)),
                BinaryOp::Or => binary(target, a, b, |a, b| BinaryOp::Or.apply(a, b)),
            }
        }
        Action::Fma(a, b, c) => ternary(target, get(a), get(b), get(c), |a, b, c| a.mul_add(b, c)),
        Action::Select(condition, then, otherwise) => {
            ternary(target, get(condition), get(then), get(otherwise), |c, a, b| {
                if c != 0.0 { a } else { b }
            });
        }
        Action::Draw(Distribution::Uniform, number) => {
            for (t, lane) in target.iter_mut().zip(block.first..) {
                *t = block.draws.uniform(number, lane);
            }
        }
        Action::Draw(Distribution::Normal, number) => {
            for (t, lane) in target.iter_mut().zip(block.first..) {
                *t = block.draws.normal(number, lane);
            }
        }
    }
}

#[inline(always)]
fn unary(target: &mut Lanes, a: Argument<'_>, f: impl Fn(f64) -> f64) {
    match a {
        Argument::Lanes(a) => {
            for (t, a) in target.iter_mut().zip(a) {
                *t = f(*a);
            }
        }
        Argument::Literal(a) => target.fill(f(a)),
    }
}

#[inline(always)]
fn binary(target: &mut Lanes, a: Argument<'_>, b: Argument<'_>, f: impl Fn(f64, f64) -> f64) {
    match (a, b) {
        (Argument::Lanes(a), Argument::Lanes(b)) => {
            for ((t, a), b) in target.iter_mut().zip(a).zip(b) {
                *t = f(*a, *b);
            }
        }
        (Argument::Lanes(a), Argument::Literal(b)) => {
            for (t, a) in target.iter_mut().zip(a) {
                *t = f(*a, b);
            }
        }
        (Argument::Literal(a), Argument::Lanes(b)) => {
            for (t, b) in target.iter_mut().zip(b) {
                *t = f(a, *b);
            }
        }
        (Argument::Literal(a), Argument::Literal(b)) => target.fill(f(a, b)),
    }
}

#[inline(always)]
fn ternary(target: &mut Lanes, a: Argument<'_>, b: Argument<'_>, c: Argument<'_>, f: impl Fn(f64, f64, f64) -> f64) {
    match (a, b, c) {
        (Argument::Lanes(a), Argument::Lanes(b), Argument::Lanes(c)) => {
            for (((t, a), b), c) in target.iter_mut().zip(a).zip(b).zip(c) {
                *t = f(*a, *b, *c);
            }
        }
        (Argument::Lanes(a), Argument::Lanes(b), Argument::Literal(c)) => {
            for ((t, a), b) in target.iter_mut().zip(a).zip(b) {
                *t = f(*a, *b, c);
            }
        }
        (Argument::Lanes(a), Argument::Literal(b), Argument::Lanes(c)) => {
            for ((t, a), c) in target.iter_mut().zip(a).zip(c) {
                *t = f(*a, b, *c);
            }
        }
        (Argument::Lanes(a), Argument::Literal(b), Argument::Literal(c)) => {
            for (t, a) in target.iter_mut().zip(a) {
                *t = f(*a, b, c);
            }
        }
        (Argument::Literal(a), Argument::Lanes(b), Argument::Lanes(c)) => {
            for ((t, b), c) in target.iter_mut().zip(b).zip(c) {
                *t = f(a, *b, *c);
            }
        }
        (Argument::Literal(a), Argument::Lanes(b), Argument::Literal(c)) => {
            for (t, b) in target.iter_mut().zip(b) {
                *t = f(a, *b, c);
            }
        }
        (Argument::Literal(a), Argument::Literal(b), Argument::Lanes(c)) => {
            for (t, c) in target.iter_mut().zip(c) {
                *t = f(a, b, *c);
            }
        }
        (Argument::Literal(a), Argument::Literal(b), Argument::Literal(c)) => target.fill(f(a, b, c)),
    }
}
