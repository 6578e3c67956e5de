//! The numbers that programs compute with: of 64 bits, or of 32 where half of the memory counts for more.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use crate::random::Draws;

/// Which numbers a program computes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Float {
    /// 64 bits: 53 significant bits, about 16 digits.
    #[default]
    Double,
    /// 32 bits: 24 significant bits, about 7 digits.
    Single,
}

impl Float {
    /// Both.
    pub const ALL: [Float; 2] = [Float::Double, Float::Single];

    /// Bytes of a number.
    pub const fn bytes(self) -> usize {
        match self {
            Float::Double => size_of::<f64>(),
            Float::Single => size_of::<f32>(),
        }
    }
}

/// The operations of programs on numbers of one kind.
pub trait Real:
    Copy
    + Debug
    + Default
    + PartialOrd
    + From<u16>
    + From<f32>
    + Add<Output = Self>
    + AddAssign
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Send
    + Sync
    + 'static
{
    /// Which kind.
    const FLOAT: Float;
    /// 0
    const ZERO: Self;
    /// 1
    const ONE: Self;

    /// The nearest number of this kind.
    fn from_f64(x: f64) -> Self;
    /// The same number.
    fn to_f64(self) -> f64;
    /// self · b + c rounded once.
    fn mul_add(self, b: Self, c: Self) -> Self;
    /// Whether it is neither infinite nor NaN.
    fn is_finite(self) -> bool;
    /// |self|
    fn abs(self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Rounded down.
    fn floor(self) -> Self;
    /// e^self
    fn exp(self) -> Self;
    /// e^self − 1
    fn expm1(self) -> Self;
    /// (e^self − 1) / self, 1 at 0
    fn exprel(self) -> Self;
    /// self / (e^self − 1), 1 at 0
    fn bernoulli(self) -> Self;
    /// Natural logarithm.
    fn log(self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// Sine.
    fn sin(self) -> Self;
    /// Cosine.
    fn cos(self) -> Self;
    /// self^b for self ≥ 0
    fn pow(self, b: Self) -> Self;
    /// A draw, evenly distributed in (0, 1).
    fn uniform(draws: Draws, number: u8, lane: u64) -> Self;
    /// A draw, normally distributed with mean 0 and standard deviation 1.
    fn normal(draws: Draws, number: u8, lane: u64) -> Self;

    /// 1 or 0.
    #[inline(always)]
    fn truth(condition: bool) -> Self {
        if condition { Self::ONE } else { Self::ZERO }
    }
}

macro_rules! real {
    ($number:ty, $float:expr, $math:path, $uniform:ident, $normal:ident) => {
        impl Real for $number {
            const FLOAT: Float = $float;
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;

            #[inline(always)]
            fn from_f64(x: f64) -> Self {
                x as $number
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn mul_add(self, b: Self, c: Self) -> Self {
                <$number>::mul_add(self, b, c)
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                <$number>::is_finite(self)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                <$number>::abs(self)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                <$number>::sqrt(self)
            }
            #[inline(always)]
            fn floor(self) -> Self {
                <$number>::floor(self)
            }
            #[inline(always)]
            fn exp(self) -> Self {
                use $math as math;
                math::exp(self)
            }
            #[inline(always)]
            fn expm1(self) -> Self {
                use $math as math;
                math::expm1(self)
            }
            #[inline(always)]
            fn exprel(self) -> Self {
                use $math as math;
                math::exprel(self)
            }
            #[inline(always)]
            fn bernoulli(self) -> Self {
                use $math as math;
                math::bernoulli(self)
            }
            #[inline(always)]
            fn log(self) -> Self {
                use $math as math;
                math::log(self)
            }
            #[inline(always)]
            fn tanh(self) -> Self {
                use $math as math;
                math::tanh(self)
            }
            #[inline(always)]
            fn sin(self) -> Self {
                use $math as math;
                math::sin(self)
            }
            #[inline(always)]
            fn cos(self) -> Self {
                use $math as math;
                math::cos(self)
            }
            #[inline(always)]
            fn pow(self, b: Self) -> Self {
                use $math as math;
                math::pow(self, b)
            }
            #[inline(always)]
            fn uniform(draws: Draws, number: u8, lane: u64) -> Self {
                draws.$uniform(number, lane)
            }
            #[inline(always)]
            fn normal(draws: Draws, number: u8, lane: u64) -> Self {
                draws.$normal(number, lane)
            }
        }
    };
}

real!(f64, Float::Double, crate::math, uniform, normal);
real!(f32, Float::Single, crate::math::single, uniform_single, normal_single);
