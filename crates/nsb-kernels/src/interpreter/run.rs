//! The inner loops, compiled once per vector width.

#![allow(unsafe_code)]

use nsb_lang::Real;
use nsb_lang::program::{BinaryOp, Distribution, UnaryOp};
use nsb_lang::random::Draws;

use super::compile::{Action, Code, Instruction, Operand, Slot};
use crate::columns::LANES;
use crate::simd::Simd;

type Lanes<R> = [R; LANES];

/// How columns lie in their data.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) stride: usize,
    pub(super) n_columns: usize,
    pub(super) n_blocks: usize,
}

/// Runs the code over all blocks of the columns. Literals are rounded to the kind of number.
pub(super) fn run<R: Real>(code: &Code, simd: Simd, shape: Shape, data: &mut [R], draws: Draws, registers: &mut [R]) {
    assert!(registers.len() >= code.n_registers * LANES);
    let Shape {
        stride,
        n_columns,
        n_blocks,
    } = shape;
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
struct Block<R> {
    columns: *mut R,
    stride: usize,
    registers: *mut R,
    draws: Draws,
    /// Position of the first lane among the cells of the columns.
    first: u64,
}

impl<R: Real> Block<R> {
    /// SAFETY: the slot must exist.
    #[inline(always)]
    unsafe fn place(self, slot: Slot) -> *mut Lanes<R> {
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
unsafe fn run_avx512<R: Real>(instructions: &[Instruction], block: Block<R>, n_blocks: usize) {
    // SAFETY: by the caller.
    unsafe { run_blocks(instructions, block, n_blocks) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn run_avx2<R: Real>(instructions: &[Instruction], block: Block<R>, n_blocks: usize) {
    // SAFETY: by the caller.
    unsafe { run_blocks(instructions, block, n_blocks) }
}

/// The baseline with the fused multiply-add instruction, without which every `mul_add` is a call.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "fma")]
unsafe fn run_fma<R: Real>(instructions: &[Instruction], block: Block<R>, n_blocks: usize) {
    // SAFETY: by the caller.
    unsafe { run_blocks(instructions, block, n_blocks) }
}

/// SAFETY: all slots must exist for `n_blocks` blocks, and no target may be among the operands of its instruction.
#[inline(always)]
unsafe fn run_blocks<R: Real>(instructions: &[Instruction], block: Block<R>, n_blocks: usize) {
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
enum Argument<'a, R> {
    Lanes(&'a Lanes<R>),
    Literal(R),
}

#[inline(always)]
unsafe fn run_one<R: Real>(action: Action, block: Block<R>, target: &mut Lanes<R>) {
    // SAFETY (closure): by the caller of `run_blocks`.
    let get = |operand: Operand| match operand {
        Operand::Lanes(slot) => Argument::Lanes(unsafe { &*block.place(slot) }),
        Operand::Literal(value) => Argument::Literal(R::from_f64(value)),
    };
    match action {
        Action::Copy(a) => unary(target, get(a), |a| a),
        Action::Unary(op, a) => {
            let a = get(a);
            match op {
                UnaryOp::Negate => unary(target, a, |a| -a),
                UnaryOp::Absolute => unary(target, a, R::abs),
                UnaryOp::Sqrt => unary(target, a, R::sqrt),
                UnaryOp::Floor => unary(target, a, R::floor),
                UnaryOp::Exp => unary(target, a, R::exp),
                UnaryOp::Expm1 => unary(target, a, R::expm1),
                UnaryOp::Exprel => unary(target, a, R::exprel),
                UnaryOp::Bernoulli => unary(target, a, R::bernoulli),
                UnaryOp::Log => unary(target, a, R::log),
                UnaryOp::Tanh => unary(target, a, R::tanh),
                UnaryOp::Sin => unary(target, a, R::sin),
                UnaryOp::Cos => unary(target, a, R::cos),
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
                BinaryOp::Power => binary(target, a, b, R::pow),
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
                if c != R::ZERO { a } else { b }
            });
        }
        Action::Draw(Distribution::Uniform, number) => {
            for (t, lane) in target.iter_mut().zip(block.first..) {
                *t = R::uniform(block.draws, number, lane);
            }
        }
        Action::Draw(Distribution::Normal, number) => {
            for (t, lane) in target.iter_mut().zip(block.first..) {
                *t = R::normal(block.draws, number, lane);
            }
        }
    }
}

#[inline(always)]
fn unary<R: Real>(target: &mut Lanes<R>, a: Argument<'_, R>, f: impl Fn(R) -> R) {
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
fn binary<R: Real>(target: &mut Lanes<R>, a: Argument<'_, R>, b: Argument<'_, R>, f: impl Fn(R, R) -> R) {
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
fn ternary<R: Real>(
    target: &mut Lanes<R>,
    a: Argument<'_, R>,
    b: Argument<'_, R>,
    c: Argument<'_, R>,
    f: impl Fn(R, R, R) -> R,
) {
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
