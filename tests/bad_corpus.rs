//! Which model files, files of values and requests are bad, and which word must their error name?

/// (name, content, what the message must contain).
pub(crate) type Case = (&'static str, &'static str, &'static str);

/// A good circuit that the cases spoil.
pub(crate) const HEAD: &str = "title = \"T\"\nkind = \"circuit\"\nsources = []\nabout = \"A test.\"\n";

/// Circuits: `HEAD` and this.
pub(crate) const CIRCUITS: &[Case] = &[
    ("no_equations", "", "equations"),
    ("empty_equations", "equations = \"\"\n", "equation"),
    ("unclosed_string", "equations = \"dr/dt = 1\n", ""),
    ("key_twice", "equations = \"dr/dt = -r/(1 s) : Hz\"\nequations = \"dr/dt = r/(1 s) : Hz\"\n", "equations"),
    ("unknown_key", "equation = \"dr/dt = -r/(1 s) : Hz\"\n", "equations"),
    ("unknown_table", "equations = \"dr/dt = -r/(1 s) : Hz\"\n[parameter]\ntau = \"1 s\"\n", "parameters"),
    ("unknown_parameter_key", "equations = \"dr/dt = -r/tau : Hz\"\n[parameters]\ntau = { valu = \"1 s\" }\n", "value"),
    ("no_unit", "equations = \"dr/dt = -r/tau\"\n[parameters]\ntau = \"1 s\"\n", "unit"),
    (
        "wrong_unit_of_sum",
        "equations = \"dr/dt = (u - r)/tau : Hz\"\n[parameters]\ntau = \"1 s\"\nu = \"1 mV\"\n",
        "Hz",
    ),
    ("wrong_unit_of_rate", "equations = \"dr/dt = -r : Hz\"\n", "Hz"),
    ("wrong_unit_in_exp", "equations = \"dr/dt = (exp(r) * 1 Hz - r)/tau : Hz\"\n[parameters]\ntau = \"1 s\"\n", "exp"),
    ("unknown_unit", "equations = \"dr/dt = -r/tau : hertzz\"\n[parameters]\ntau = \"1 s\"\n", "hertzz"),
    ("unknown_unit_of_value", "equations = \"dr/dt = -r/tau : Hz\"\n[parameters]\ntau = \"1 sec0nd\"\n", "sec0nd"),
    ("unit_missing_of_value", "equations = \"dr/dt = -r/tau : Hz\"\n[parameters]\ntau = 1\n", "Hz"),
    ("unknown_name", "equations = \"dr/dt = (u - r)/tau : Hz\"\n[parameters]\ntau = \"1 s\"\n", "u"),
    ("near_name", "equations = \"dr/dt = -r/tua : Hz\"\n[parameters]\ntau = \"1 s\"\n", "tau"),
    (
        "unknown_function",
        "equations = \"dr/dt = (sigmiod(r/(1 Hz)) * 1 Hz - r)/tau : Hz\"\n[parameters]\ntau = \"1 s\"\n",
        "sigmoid",
    ),
    ("wrong_arity", "equations = \"dr/dt = (clip(r, 1 Hz) - r)/tau : Hz\"\n[parameters]\ntau = \"1 s\"\n", "clip"),
    (
        "defined_twice",
        "equations = \"\"\"\ndr/dt = -r/tau : Hz\ndr/dt = r/tau : Hz\n\"\"\"\n[parameters]\ntau = \"1 s\"\n",
        "twice",
    ),
    ("parameter_and_variable", "equations = \"dr/dt = -r/tau : Hz\"\n[parameters]\ntau = \"1 s\"\nr = \"1 Hz\"\n", "r"),
    (
        "cyclic_algebra",
        "equations = \"\"\"\ndr/dt = (a - r)/tau : Hz\na = b + r : Hz\nb = a - r : Hz\n\"\"\"\n[parameters]\ntau = \"1 s\"\n",
        "a",
    ),
    (
        "self_algebra",
        "equations = \"\"\"\ndr/dt = (a - r)/tau : Hz\na = a + r : Hz\n\"\"\"\n[parameters]\ntau = \"1 s\"\n",
        "a",
    ),
    ("nan_value", "equations = \"dr/dt = -r/tau : Hz\"\n[parameters]\ntau = \"nan s\"\n", "nan"),
    ("inf_value", "equations = \"dr/dt = -r/tau : Hz\"\n[parameters]\ntau = \"inf s\"\n", "inf"),
    ("nan_number", "dimensionless = true\nequations = \"dr/dt = -r/tau : 1\"\n[parameters]\ntau = nan\n", "nan"),
    ("inf_number", "dimensionless = true\nequations = \"dr/dt = -r/tau : 1\"\n[parameters]\ntau = inf\n", "inf"),
    ("huge_literal", "dimensionless = true\nequations = \"dr/dt = -1e999*r : 1\"\n", "1e999"),
    ("open_bracket", "dimensionless = true\nequations = \"dr/dt = -(r : 1\"\n", ")"),
    ("close_bracket", "dimensionless = true\nequations = \"dr/dt = -r) : 1\"\n", ")"),
    ("operator_twice", "dimensionless = true\nequations = \"dr/dt = r */ 2 : 1\"\n", "/"),
    ("no_right_side", "dimensionless = true\nequations = \"dr/dt = : 1\"\n", ""),
    ("no_left_side", "dimensionless = true\nequations = \"= r : 1\"\n", "="),
    ("comparison", "dimensionless = true\nequations = \"dr/dt = r > 1 : 1\"\n", ">"),
    ("strange_letter", "dimensionless = true\nequations = \"dr/dt = r § 2 : 1\"\n", "§"),
    ("derivative_of_other", "dimensionless = true\nequations = \"dr/dx = r : 1\"\n", "dt"),
    ("index_without_family", "dimensionless = true\nequations = \"dr/dt = -r[k] : 1\"\n", "k"),
    ("index_unknown_size", "dimensionless = true\nequations = \"dr[k]/dt = -r[k] : 1\"\n", "k"),
    ("size_zero", "dimensionless = true\nequations = \"dr[k]/dt = -r[k] : 1\"\n[sizes]\nK = 0\n", "K"),
    ("size_negative", "dimensionless = true\nequations = \"dr[k]/dt = -r[k] : 1\"\n[sizes]\nK = -3\n", "K"),
    ("size_enormous", "dimensionless = true\nequations = \"dr[k]/dt = -r[k] : 1\"\n[sizes]\nK = 1000000000\n", "K"),
    ("index_outside", "dimensionless = true\nequations = \"dr[k]/dt = -r[7] : 1\"\n[sizes]\nK = 2\n", "7"),
    (
        "ragged_matrix",
        "dimensionless = true\nequations = \"dr[k]/dt = sum(j, W[k, j]*r[j]) : 1\"\n[sizes]\nK = 2\n[parameters]\nW = [[1, 2], [3]]\n",
        "W",
    ),
    (
        "matrix_of_other_size",
        "dimensionless = true\nequations = \"dr[k]/dt = sum(j, W[k, j]*r[j]) : 1\"\n[sizes]\nK = 3\n[parameters]\nW = [[1, 2], [3, 4]]\n",
        "W",
    ),
    (
        "text_for_number",
        "dimensionless = true\nequations = \"dr/dt = -r/tau : 1\"\n[parameters]\ntau = \"fast\"\n",
        "fast",
    ),
    (
        "empty_range",
        "dimensionless = true\nequations = \"dr/dt = -r/tau : 1\"\n[parameters]\ntau = { value = 1, range = [2, 1] }\n",
        "range",
    ),
    (
        "value_outside_range",
        "dimensionless = true\nequations = \"dr/dt = -r/tau : 1\"\n[parameters]\ntau = { value = 9, range = [1, 2] }\n",
        "range",
    ),
    (
        "range_of_three",
        "dimensionless = true\nequations = \"dr/dt = -r/tau : 1\"\n[parameters]\ntau = { value = 1, range = [1, 2, 3] }\n",
        "range",
    ),
    (
        "unknown_pace",
        "dimensionless = true\nequations = \"dr/dt = -r/tau : 1\"\n[parameters]\ntau = { value = 1, pace = \"slow\" }\n",
        "pace",
    ),
    ("noise_unit", "equations = \"dr/dt = -r/tau + s*xi : Hz\"\n[parameters]\ntau = \"1 s\"\ns = \"1 Hz\"\n", "xi"),
    ("reserved_name", "dimensionless = true\nequations = \"dxi/dt = -xi : 1\"\n", "xi"),
    ("reserved_parameter", "dimensionless = true\nequations = \"dr/dt = -r*sum : 1\"\n[parameters]\nsum = 1\n", "sum"),
    (
        "bad_parameter_name",
        "dimensionless = true\nequations = \"dr/dt = -r : 1\"\n[parameters]\n\"2tau\" = 1\n",
        "2tau",
    ),
    (
        "fact_without_claim",
        "dimensionless = true\nequations = \"dr/dt = -r : 1\"\n[[facts]]\nsays = \"rest\"\nat = \"fixed point\"\n",
        "claim",
    ),
    (
        "fact_unknown_name",
        "equations = \"dr/dt = -r/tau : Hz\"\n[parameters]\ntau = \"1 s\"\n[[facts]]\nsays = \"rest\"\nclaim = \"rr == 0\"\n",
        "did you mean `r`",
    ),
    (
        "fact_wrong_unit",
        "equations = \"dr/dt = -r/tau : Hz\"\n[parameters]\ntau = \"1 s\"\n[[facts]]\nsays = \"rest\"\nclaim = \"r == tau\"\n",
        "Hz is compared with s",
    ),
    (
        "fact_compares_nothing",
        "equations = \"dr/dt = -r/tau : Hz\"\n[parameters]\ntau = \"1 s\"\n[[facts]]\nsays = \"rest\"\nclaim = \"r\"\n",
        "compares nothing",
    ),
    (
        "fact_nowhere",
        "equations = \"dr/dt = -r/tau : Hz\"\n[parameters]\ntau = \"1 s\"\n[[facts]]\nsays = \"rest\"\nat = \"everywhere\"\nclaim = \"r == 0\"\n",
        "everywhere",
    ),
    (
        "fact_unknown_function",
        "equations = \"dr/dt = -r/tau : Hz\"\n[parameters]\ntau = \"1 s\"\n[[facts]]\nsays = \"rest\"\nclaim = \"sqr(r) == 0\"\n",
        "sqrt",
    ),
    (
        "bounds_of_one",
        "dimensionless = true\nequations = \"dr/dt = -r : 1\"\n[variables]\nr = { bounds = [0] }\n",
        "bounds",
    ),
    (
        "bounds_text",
        "dimensionless = true\nequations = \"dr/dt = -r : 1\"\n[variables]\nr = { bounds = \"0\" }\n",
        "bounds",
    ),
    (
        "bounds_unknown",
        "dimensionless = true\nequations = \"dr/dt = -r : 1\"\n[variables]\nr = { bounds = [0, \"hi\"] }\n",
        "hi",
    ),
    (
        "bounds_of_state",
        "dimensionless = true\nequations = \"dr/dt = -r : 1\"\n[variables]\nr = { bounds = [0, \"r\"] }\n",
        "r",
    ),
    (
        "bounds_empty",
        "dimensionless = true\nequations = \"dr/dt = -r : 1\"\n[variables]\nr = { bounds = [2, 1] }\n",
        "bounds",
    ),
    (
        "bounds_wrong_unit",
        "equations = \"dr/dt = -r/tau : Hz\"\n[parameters]\ntau = \"1 s\"\n[variables]\nr = { bounds = [0, \"tau\"] }\n",
        "s where Hz is needed",
    ),
    (
        "start_outside_bounds",
        "dimensionless = true\nequations = \"dr/dt = -r : 1\"\n[variables]\nr = { start = 3, bounds = [0, 1] }\n",
        "outside its bounds",
    ),
    (
        "file_that_is_not_there",
        "dimensionless = true\nequations = \"dr[k]/dt = sum(j, W[k, j]*r[j]) : 1\"\n[sizes]\nK = { value = 2, index = [\"k\", \"j\"] }\n[parameters]\nW = { file = \"no_such.csv\" }\n",
        "no_such.csv",
    ),
    (
        "file_elsewhere",
        "dimensionless = true\nequations = \"dr/dt = -r*a : 1\"\n[parameters]\na = { file = \"../../etc/a.csv\" }\n",
        "beside",
    ),
    (
        "file_of_other_kind",
        "dimensionless = true\nequations = \"dr/dt = -r*a : 1\"\n[parameters]\na = { file = \"/etc/passwd\" }\n",
        ".csv",
    ),
    (
        "file_not_text",
        "dimensionless = true\nequations = \"dr/dt = -r*a : 1\"\n[parameters]\na = { file = 3 }\n",
        "file",
    ),
    ("not_utf8_name", "dimensionless = true\nequations = \"dr/dt = -\u{0}r : 1\"\n", ""),
    ("number_for_text", "title2 = 3\nequations = \"dr/dt = -r/(1 s) : Hz\"\n", "title"),
];

/// Whole files.
pub(crate) const FILES: &[Case] = &[
    ("empty", "", ""),
    ("not_toml", "this is not TOML\n", ""),
    ("binary", "\u{1}\u{2}\u{3}\u{4}", ""),
    (
        "unknown_kind",
        "title = \"T\"\nkind = \"circus\"\nabout = \"A.\"\nequations = \"dr/dt = -r/(1 s) : Hz\"\n",
        "circuit",
    ),
    (
        "port_that_is_not_there",
        "title = \"T\"\nkind = \"plasticity\"\nabout = \"A.\"\nequations = \"dw/dt += pre*pst/(1 s) : 1\"\n[ports]\npre = { unit = \"Hz\" }\npost = { unit = \"Hz\" }\nw = {}\n",
        "post",
    ),
    (
        "modulation_unknown_name",
        "kind = \"modulation\"\n[modulates]\ngain = \"gain*(1 + kk*m)\"\n[parameters]\nm = 0.5\nkm = 1\n",
        "kk",
    ),
    (
        "modulation_wrong_unit",
        "kind = \"modulation\"\n[modulates]\ngain = \"gain*(1 + kt*m)\"\n[parameters]\nm = 0.5\nkt = \"1 Hz\"\n",
        "`kt*m` is Hz",
    ),
    ("drives_unknown_part", "title = \"T\"\nmodel = \"neuron+intrinsic+learned_target@intrinsc.r0\"\n", "intrinsic"),
    (
        "drives_unknown_quantity",
        "title = \"T\"\nmodel = \"neuron+intrinsic+learned_target@intrinsic.r00\"\n",
        "intrinsic.r0",
    ),
    ("drives_wrong_unit", "title = \"T\"\nmodel = \"neuron+intrinsic+learned_target@intrinsic.tau_theta\"\n", "unit"),
    ("drives_itself", "title = \"T\"\nmodel = \"neuron+learned_target@learned_target.a\"\n", "learned_target"),
    ("bounds_on_what_rests", "title = \"T\"\nmodel = \"neuron+hard_bounds\"\n", "nothing drives"),
    ("model_unknown_part", "title = \"T\"\nmodel = \"neuron+bcmm\"\n", "bcm"),
    ("model_unknown_setting", "title = \"T\"\nmodel = \"neuron+bcm\"\n[set]\ntau_thetta = \"3 s\"\n", "tau_theta"),
    ("model_wrong_unit", "title = \"T\"\nmodel = \"neuron+bcm\"\n[set]\ntau_theta = \"3 Hz\"\n", "Hz"),
];

/// XPP files.
pub(crate) const ODE: &[Case] = &[
    ("delay", "x' = -delay(x, 1)\nparam a=1\ndone\n", "delay"),
    ("markov", "x' = -x\nmarkov z 2\ndone\n", "markov"),
    ("table", "table f % 10 0 1 t\nx' = f(x)\ndone\n", "table"),
    ("global", "x' = -x\nglobal 1 x-1 {x=0}\ndone\n", "global"),
    ("unknown_name", "x' = -x + q\ndone\n", "q"),
    ("bad_number", "par a=1..2\nx' = -a*x\ndone\n", "1..2"),
    ("no_equation", "par a=1\ndone\n", ""),
    ("twice", "x' = -x\nx' = x\ndone\n", "x"),
];

/// Files of values, each named by a model of two units: rows of `W`.
pub(crate) const VALUES: &[Case] = &[
    ("semicolons", "0;1\n1;0\n", "semicolons"),
    ("header", "a,b\n0,1\n1,0\n", "header"),
    ("ragged", "0,1\n1\n", "1 values in this row"),
    ("missing", "0,\n1,0\n", "missing"),
    ("text", "0,1\none,0\n", "one"),
    ("not_a_number", "0,nan\n1,0\n", "nan"),
    ("infinite", "0,inf\n1,0\n", "inf"),
    ("too_large", "0,1e999\n1,0\n", "1e999"),
    ("nothing", "# only a comment\n", "no values"),
    ("other_shape", "0,1,2\n1,0,2\n2,1,0\n", "3 × 3"),
];

/// Command lines: arguments and what the message must contain.
pub(crate) const REQUESTS: &[(&[&str], &str)] = &[
    (&["show", "neurn+bcm"], "neuron"),
    (&["show", "neuron+bcmm"], "bcm"),
    (&["fixed-points", "bcm"], "circuit"),
    (&["show", "neuron+"], "+"),
    (&["show", ""], ""),
    (&["show", "neuron+bcm@w_ie"], "w_ie"),
    (&["show", "neuron+bcm", "--set", "tau_w"], "="),
    (&["show", "neuron+bcm", "--set", "tau_w=fast"], "fast"),
    (&["show", "neuron+bcm", "--set", "tau_w=3 Hz"], "Hz"),
    (&["show", "neuron+bcm", "--set", "tau_q=3 s"], "tau"),
    (&["show", "neuron+bcm", "--set", "tau_w=nan s"], "nan"),
    (&["fixed-points", "neuron+bcm", "--range", "w=1"], ":"),
    (&["fixed-points", "neuron+bcm", "--range", "w=2:1"], "w"),
    (&["fixed-points", "neuron+bcm", "--range", "v=0:1"], "v"),
    (&["fixed-points", "no_such_file.toml"], "no_such_file.toml"),
    (&["stability", "neuron+bcm", "--over", "tau_thet=1:2"], "tau_theta"),
    (&["stability", "neuron+bcm", "--over", "tau_theta=2:1"], "tau_theta"),
    (&["simulate", "neuron+bcm", "--until", "fast"], "fast"),
    (&["simulate", "neuron+bcm", "--until=-1 s"], "-1"),
    (&["simulate", "neuron+bcm", "--until", "1 Hz"], "Hz"),
    (&["simulate", "neuron+bcm", "--until", "1 s", "--start", "q=1"], "q"),
    (&["eval", "siegert(15 mV)"], "siegert"),
    (&["eval", "1 +"], "1 +"),
    (&["eval", "3 mV + 2 s"], "mV"),
    (&["validate", "no_such.csv", "--against", "neuron+bcm"], "no_such.csv"),
    (&["convert", "neuron+bcm", "--to", "word"], "ode"),
    (&["show", "neuron+intrinsic+learned_target@intrinsc.r0"], "intrinsic"),
    (&["show", "neuron+intrinsic+learned_target"], "target"),
    (&["show", "neuron+hard_bounds"], "nothing drives"),
    (&["show", "neuron+hebb+hard_bounds", "--set", "w_max=-3"], "bounds"),
    (&["show", "neuron+hebb+hard_bounds", "--set", "w=25"], "bounds"),
    (&["show", "neuron+bcm@w@n"], "@"),
    (&["fixed-point", "neuron+bcm"], "fixed-points"),
    (&["show"], "MODEL"),
];
