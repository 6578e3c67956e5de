//! The true spike times, peaks and rates of one Hodgkin–Huxley cell.
//!
//! SciPy `solve_ivp`, LSODA, rtol 1e-10, atol 1e-12, at most 0.25 ms a step; Radau at the same tolerances gives spike
//! times that differ by less than 2e-7 ms. The cell is the built-in `hodgkin_huxley`; it starts at −65 mV with its
//! gates at their steady state for that potential. A spike is the upward crossing of 0 mV.

/// A current that is on from 10 to 90 of 100 ms, and what it causes.
pub struct StepTruth {
    /// Short name.
    pub name: &'static str,
    /// µA/cm².
    pub current: f64,
    /// Upward crossings of 0 mV, ms.
    pub spike_times_ms: &'static [f64],
    /// The highest potential of each spike, mV.
    pub peaks_mv: &'static [f64],
}

/// Two steps of current.
pub const STEPS: [StepTruth; 2] = [
    StepTruth {
        name: "step20",
        current: 20.0,
        spike_times_ms: &[
            11.2708346807711,
            23.332994291007626,
            34.93151347699069,
            46.49992651405795,
            58.06503365771187,
            69.62977631515285,
            81.19447876925405,
        ],
        peaks_mv: &[
            41.29743188809447,
            26.072207655944325,
            25.225153213159306,
            25.130324290932737,
            25.119846865022474,
            25.11869095764792,
            25.11856342467317,
        ],
    },
    StepTruth {
        name: "step10",
        current: 10.0,
        spike_times_ms: &[
            11.901339863913478,
            26.822757194710675,
            41.4719933899412,
            56.109167709892695,
            70.7454490952372,
            85.38166435185802,
        ],
        peaks_mv: &[
            40.2635674873556,
            30.850626867528433,
            30.462425145395187,
            30.433250548278966,
            30.431087472259026,
            30.430927249745086,
        ],
    },
];

/// Constant currents from 0 to 1000 ms (µA/cm²) and the rates after 200 ms (Hz).
pub(super) const RATES: [(f64, f64); 35] = [
    (0.0, 0.0),
    (2.0, 0.0),
    (4.0, 0.0),
    (5.0, 0.0),
    (5.5, 0.0),
    (6.0, 0.0),
    (6.2, 0.0),
    (6.3, 52.37082373676371),
    (6.4, 54.014644893909136),
    (6.5, 55.0573029469172),
    (7.0, 58.32706382057474),
    (7.5, 60.591826181292),
    (8.0, 62.469886568491745),
    (9.0, 65.62873042802464),
    (10.0, 68.32369871000313),
    (12.0, 72.91919692791555),
    (14.0, 76.85391489718813),
    (16.0, 80.3531459298155),
    (18.0, 83.53458392723573),
    (20.0, 86.4700527208181),
    (22.0, 89.20759204939625),
    (24.0, 91.78133905352134),
    (26.0, 94.21661803410065),
    (28.0, 96.53283006315709),
    (30.0, 98.74521439373933),
    (32.0, 100.86598250995993),
    (34.0, 102.90508010054248),
    (36.0, 104.87071734745469),
    (38.0, 106.76974871123056),
    (40.0, 108.60795163989518),
    (42.0, 110.39023546808043),
    (44.0, 112.12080094574462),
    (46.0, 113.8032639750937),
    (48.0, 115.44075316204953),
    (50.0, 117.0359876363709),
];
