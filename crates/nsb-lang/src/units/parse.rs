//! Unit text to [`Unit`]: `mS/cm^2`, `mS cm^-2`, `mS·cm⁻²`, `1/(ms mV)`.

use super::error::UnitError;
use super::symbols;
use super::unit::Unit;

/// Parentheses within parentheses; nobody needs more.
const DEEPEST: usize = 8;
/// Units longer than this are refused rather than repaired.
const LONGEST: usize = 200;

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Symbol(String),
    Number(String),
    Times,
    Over,
    Power,
    Minus,
    Plus,
    Open,
    Close,
}

/// Reads a unit.
pub(super) fn parse(text: &str) -> Result<Unit, UnitError> {
    if text.trim().is_empty() {
        return Err(UnitError::Empty);
    }
    if text.len() > LONGEST {
        return Err(UnitError::UnknownUnit {
            symbol: text.to_owned(),
            meant: None,
        });
    }
    let tokens = split(text)?;
    let unit = read(&tokens).map_err(|error| match error {
        UnitError::UnknownUnit { symbol, .. } => UnitError::UnknownUnit {
            meant: repair(&tokens),
            symbol,
        },
        other => other,
    })?;
    Ok(unit.with_symbol(write(&tokens)))
}

fn read(tokens: &[Token]) -> Result<Unit, UnitError> {
    let mut reader = Reader {
        tokens,
        at: 0,
        depth: 0,
    };
    let unit = reader.product()?;
    match reader.tokens.get(reader.at) {
        None => Ok(unit),
        _ => Err(UnitError::Incomplete {
            missing: "an opening `(`",
        }),
    }
}

fn split(text: &str) -> Result<Vec<Token>, UnitError> {
    let mut tokens = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let token = match letter {
            ' ' | '\t' | '\u{a0}' => continue,
            '*' if letters.peek() == Some(&'*') => {
                letters.next();
                Token::Power
            }
            '*' | '·' | '⋅' | '×' => Token::Times,
            '/' => Token::Over,
            '^' => Token::Power,
            '-' | '−' => Token::Minus,
            '+' => Token::Plus,
            '(' => Token::Open,
            ')' => Token::Close,
            _ if superscript(letter).is_some() => {
                let mut power = String::from(superscript(letter).unwrap_or_default());
                while let Some(next) = letters.peek().copied().and_then(superscript) {
                    power.push(next);
                    letters.next();
                }
                tokens.push(Token::Power);
                if power.starts_with('-') {
                    tokens.push(Token::Minus);
                    power.remove(0);
                }
                Token::Number(power)
            }
            _ if letter.is_ascii_digit() || letter == '.' => {
                let mut number = String::from(letter);
                while let Some(next) = letters.next_if(|c| c.is_ascii_digit() || *c == '.' || *c == '_') {
                    number.push(next);
                }
                Token::Number(number)
            }
            _ if letter.is_alphabetic() || matches!(letter, '_' | '%' | '°' | '\u{b5}') => {
                let mut symbol = String::from(letter);
                while let Some(next) =
                    letters.next_if(|c| superscript(*c).is_none() && (c.is_alphanumeric() || *c == '_' || *c == '°'))
                {
                    symbol.push(next);
                }
                Token::Symbol(symbol)
            }
            _ => return Err(UnitError::UnexpectedCharacter { character: letter }),
        };
        tokens.push(token);
    }
    Ok(tokens)
}

/// The digit or sign that a raised one stands for.
pub(crate) fn superscript(letter: char) -> Option<char> {
    Some(match letter {
        '⁰' => '0',
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        '⁴' => '4',
        '⁵' => '5',
        '⁶' => '6',
        '⁷' => '7',
        '⁸' => '8',
        '⁹' => '9',
        '⁻' => '-',
        _ => return None,
    })
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn accept(&mut self, token: &Token) -> bool {
        let there = self.peek() == Some(token);
        self.at += usize::from(there);
        there
    }

    fn product(&mut self) -> Result<Unit, UnitError> {
        let mut unit = self.power()?;
        let mut divided = false;
        loop {
            let divide = match self.peek() {
                Some(Token::Times) => false,
                Some(Token::Over) => true,
                Some(Token::Symbol(_) | Token::Number(_) | Token::Open) if divided => {
                    let left = write(&self.tokens[..self.at]);
                    return Err(UnitError::Ambiguous {
                        left,
                        right: write(&self.tokens[self.at..]),
                    });
                }
                Some(Token::Symbol(_) | Token::Open) => {
                    let right = self.power()?;
                    unit = checked(unit, right, Unit::multiply)?;
                    continue;
                }
                Some(Token::Number(number)) => return Err(UnitError::NumberInUnit { number: number.clone() }),
                Some(Token::Power) => {
                    return Err(UnitError::BadPower {
                        power: write(&self.tokens[self.at..]),
                    });
                }
                Some(Token::Minus) => return Err(UnitError::UnexpectedCharacter { character: '-' }),
                Some(Token::Plus) => return Err(UnitError::UnexpectedCharacter { character: '+' }),
                Some(Token::Close) | None => return Ok(unit),
            };
            self.at += 1;
            divided |= divide;
            let right = self.power()?;
            unit = checked(unit, right, if divide { Unit::divide } else { Unit::multiply })?;
        }
    }

    fn power(&mut self) -> Result<Unit, UnitError> {
        let unit = self.atom()?;
        if !self.accept(&Token::Power) {
            return Ok(unit);
        }
        let start = self.at;
        let parenthesised = self.accept(&Token::Open);
        let negative = self.accept(&Token::Minus);
        if !negative {
            self.accept(&Token::Plus);
        }
        let digits = match self.peek() {
            Some(Token::Number(digits)) => digits.clone(),
            _ => String::new(),
        };
        self.at += usize::from(!digits.is_empty());
        let closed = !parenthesised || self.accept(&Token::Close);
        match digits.parse::<i32>() {
            Ok(power) if power <= 9 && closed => {
                let power = if negative { -power } else { power };
                if unit.is_affine() && power != 1 {
                    return Err(UnitError::AffineInProduct);
                }
                Ok(unit.power(power))
            }
            _ => Err(UnitError::BadPower {
                power: write(&self.tokens[start..]),
            }),
        }
    }

    fn atom(&mut self) -> Result<Unit, UnitError> {
        let token = self.peek().cloned();
        self.at += 1;
        match token {
            Some(Token::Symbol(symbol)) => {
                Unit::from_symbol(&symbol).ok_or(UnitError::UnknownUnit { symbol, meant: None })
            }
            Some(Token::Number(number)) if number == "1" => Ok(Unit::one()),
            Some(Token::Number(number)) => Err(UnitError::NumberInUnit { number }),
            Some(Token::Open) if self.depth < DEEPEST => {
                self.depth += 1;
                let unit = self.product()?;
                self.depth -= 1;
                if self.accept(&Token::Close) {
                    Ok(unit)
                } else {
                    Err(UnitError::Incomplete {
                        missing: "a closing `)`",
                    })
                }
            }
            Some(Token::Open) => Err(UnitError::UnexpectedCharacter { character: '(' }),
            _ => Err(UnitError::Incomplete {
                missing: "a unit symbol",
            }),
        }
    }
}

fn checked(left: Unit, right: Unit, combine: fn(&Unit, &Unit) -> Unit) -> Result<Unit, UnitError> {
    if left.is_affine() || right.is_affine() {
        Err(UnitError::AffineInProduct)
    } else {
        Ok(combine(&left, &right))
    }
}

/// The tokens as text in one fixed spelling.
fn write(tokens: &[Token]) -> String {
    let mut text = String::new();
    for (n, token) in tokens.iter().enumerate() {
        let starts = matches!(token, Token::Symbol(_) | Token::Number(_) | Token::Open);
        let follows = n > 0 && matches!(tokens[n - 1], Token::Symbol(_) | Token::Number(_) | Token::Close);
        if starts && follows {
            text.push(' ');
        }
        match token {
            Token::Symbol(symbol) => text.push_str(&symbols::normalise(symbol)),
            Token::Number(number) => text.push_str(number),
            Token::Times => text.push('*'),
            Token::Over => text.push('/'),
            Token::Power => text.push('^'),
            Token::Minus => text.push('-'),
            Token::Plus => text.push('+'),
            Token::Open => text.push('('),
            Token::Close => text.push(')'),
        }
    }
    text
}

/// The unit with every unknown symbol replaced by the nearest known one, if that makes a unit.
fn repair(tokens: &[Token]) -> Option<String> {
    let mut repaired = Vec::new();
    for token in tokens {
        match token {
            Token::Symbol(symbol) if Unit::from_symbol(symbol).is_none() => {
                repaired.extend(split(&symbols::suggestion(&symbols::normalise(symbol))?).ok()?);
            }
            other => repaired.push(other.clone()),
        }
    }
    read(&repaired).ok()?;
    Some(write(&repaired))
}
