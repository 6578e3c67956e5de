//! The look of all figures in one place: sizes in SVG user units (one unit is one point on a slide 960 units wide),
//! colours, line widths.

/// Width of every figure.
pub(crate) const WIDTH: f64 = 960.0;
/// Pixels of the PNG per user unit.
pub(crate) const PNG_SCALE: f32 = 2.0;

/// Free space around the figure.
pub(crate) const MARGIN: f64 = 20.0;
/// Length of tick marks and the gap between a tick mark and its label.
pub(crate) const TICK_LENGTH: f64 = 5.0;
/// Gap between a tick mark and its label, and between a label and what it labels.
pub(crate) const LABEL_GAP: f64 = 5.0;

/// Size of the title.
pub(crate) const TITLE_SIZE: f64 = 20.0;
/// Size of the subtitle and of axis labels.
pub(crate) const LABEL_SIZE: f64 = 14.0;
/// Size of tick labels, legends and band labels.
pub(crate) const TICK_SIZE: f64 = 13.0;

/// Families in order of preference; PNG files use the embedded first one.
pub(crate) const FONT_FAMILY: &str = "Roboto, Helvetica, Arial, sans-serif";

/// Paper.
pub(crate) const BACKGROUND: &str = "#ffffff";
/// Text and axes.
pub(crate) const INK: &str = "#1f2933";
/// Secondary text.
pub(crate) const MUTED: &str = "#5b6670";
/// Grid lines.
pub(crate) const GRID: &str = "#e6e9ed";
/// Baseline of panels above the lowest one.
pub(crate) const BASELINE: &str = "#c3c9d0";
/// Bars above the panels that mark stimulation.
pub(crate) const BAND: &str = "#e9a400";
/// Shade of stimulation inside panels: the bar's colour at 13 %, mixed beforehand since see-through areas are slow to
/// draw.
pub(crate) const BAND_SHADE: &str = "#fcf3de";
/// Text of band labels: the shade's hue, dark enough to read.
pub(crate) const BAND_TEXT: &str = "#7a5600";

/// Lines of data.
pub(crate) const LINE_WIDTH: f64 = 1.6;
/// Lines of data where many share a panel.
pub(crate) const THIN_LINE_WIDTH: f64 = 1.0;

/// After Okabe and Ito (2008), told apart with every common colour vision deficiency; without the yellow that vanishes
/// on white,
/// and with the lightest colours darkened so that names can be written in them.
const PALETTE: [&str; 7] = [
    "#0072b2", "#d55e00", "#009e73", "#a8518a", "#3d9bdc", "#c98500", "#4d4d4d",
];

/// Colour number `index`; repeats after seven.
pub(crate) fn colour(index: usize) -> &'static str {
    PALETTE[index % PALETTE.len()]
}

/// Number of colours before they repeat.
pub(crate) const COLOURS: usize = PALETTE.len();

/// Where a matrix has no value.
pub(crate) const NOTHING: &str = "#e9ebee";

/// A perceptually uniform scale of colours, from 0 (dark violet) over green to 1 (yellow): equal steps look equally large,
/// and lightness alone tells the order. Ten colours of "viridis" (van der Walt and Smith 2015, CC0), joined linearly.
pub(crate) fn sequential(part: f64) -> String {
    const STOPS: [[u8; 3]; 10] = [
        [68, 1, 84],
        [72, 40, 120],
        [62, 73, 137],
        [49, 104, 142],
        [38, 130, 142],
        [31, 158, 137],
        [53, 183, 121],
        [110, 206, 88],
        [181, 222, 43],
        [253, 231, 37],
    ];
    let at = part.clamp(0.0, 1.0) * (STOPS.len() - 1) as f64;
    let low = (at as usize).min(STOPS.len() - 2);
    let share = at - low as f64;
    let channel = |i: usize| {
        let (from, to) = (f64::from(STOPS[low][i]), f64::from(STOPS[low + 1][i]));
        (from + (to - from) * share).round() as u8
    };
    format!("#{:02x}{:02x}{:02x}", channel(0), channel(1), channel(2))
}

/// Colours from dark blue over green to amber for `count` ordered lines; lightness rises steadily, so the order
/// survives grey printing.
pub(crate) fn ramp(index: usize, count: usize) -> String {
    const STOPS: [[f64; 3]; 4] = [
        [59.0, 28.0, 110.0],
        [38.0, 98.0, 150.0],
        [28.0, 155.0, 125.0],
        [222.0, 170.0, 30.0],
    ];
    let at = if count < 2 {
        0.0
    } else {
        index.min(count - 1) as f64 / (count - 1) as f64
    } * (STOPS.len() - 1) as f64;
    let low = (at as usize).min(STOPS.len() - 2);
    let part = at - low as f64;
    let channel = |i: usize| (STOPS[low][i] + (STOPS[low + 1][i] - STOPS[low][i]) * part).round() as u8;
    format!("#{:02x}{:02x}{:02x}", channel(0), channel(1), channel(2))
}
