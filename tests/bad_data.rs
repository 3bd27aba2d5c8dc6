//! What does a bad data file say? One clear error: the file, the line and column where there is one, the cause, what to do.
//!
//! Each case is a file's name, its bytes, the place that the error must name (`line:column`, or nothing) and a piece of the
//! cause. Cases that read well but cannot be judged go through the recording's checks.

use homeostat::data::{DataSet, Format, ReadOptions, read, read_bytes, to_bytes};
use homeostat::field::{Error, Result, Table, Unit};
use homeostat::validate::{Mapping, Options, Prediction, Recording, What, judge};

type Case = (&'static str, Vec<u8>, &'static str, &'static str);

fn case(name: &'static str, text: &str, place: &'static str, cause: &'static str) -> Case {
    (name, text.as_bytes().to_vec(), place, cause)
}

/// Files that must not be read.
fn unreadable() -> Vec<Case> {
    let parquet = to_bytes(&Table::new().number("x", Unit::NONE, vec![1.0; 50]), Format::Parquet).unwrap();
    let damaged = |at: usize| {
        let mut bytes = parquet.clone();
        bytes[at] ^= 0x10;
        bytes
    };
    let with_missing = to_bytes(&Table::new().number("x", Unit::NONE, vec![1.0, f64::NAN]), Format::Csv).unwrap();
    let footer = parquet.len() - 8;
    let mut long = "t,y\n".to_string();
    (0..5000).for_each(|k| long += &format!("{k},{}\n", if k == 4321 { "x" } else { "1" }));
    vec![
        // Separators and decimal commas.
        case("semicolon.csv", "t;y\n0;1\n1;2\n", "1:2", "separated by semicolons"),
        case("decimal_comma.csv", "t;y\n0;1,5\n1;2,5\n", "1:2", "decimal commas"),
        case("semicolon_quoted.csv", "\"t\";\"y\"\n0;1\n", "1:4", "separated by semicolons"),
        case("tabs.csv", "t\ty\n0\t1\n", "1:2", "separated by tabs"),
        case("bars.csv", "t|y\n0|1\n", "1:2", "separated by `|`"),
        case("blanks.csv", "t y\n0 1\n", "1:2", "separated by blanks"),
        case("commas.tsv", "t,y\n0,1\n", "1:2", "commas in a .tsv"),
        case("quoted_comma.csv", "t,y\n0,1.0\n1,\"1,5\"\n", "3:3", "`1,5` in the number column `y`"),
        case("bare_decimal_comma.csv", "t,y\n0,1,5\n1,2,5\n", "2:5", "3 cells where the header has 2"),
        // Rows.
        case("short_row.csv", "t,y\n0,1\n1\n2,3\n", "3:1", "1 cell where the header has 2"),
        case("long_row.csv", "t,y\n0,1\n1,2,3\n", "3:5", "3 cells where the header has 2"),
        case("cut_off.csv", "t,y,z\n0,1,2\n1,2", "3:1", "2 cells where the header has 3"),
        case("blank_line_of_one.csv", "y\n1\n\n2\n", "3:1", "a value of `y` is missing (blank)"),
        case("blank_line.csv", "t,y\n0,1\n\n1,2\n", "3:1", "a blank line"),
        case("trailing_comma.csv", "t,y\n0,1,\n", "2:5", "3 cells"),
        case("comment_inside.csv", "t,y\n0,1\n# restart\n1,2\n", "3:1", "1 cell"),
        case("second_header.csv", "t,y\n0,1\nt,y\n1,2\n", "3:1", "`t` in the number column `t`"),
        // Headers.
        case("twice.csv", "t,y,y\n0,1,2\n", "1:5", "columns 2 and 3 are both called `y`"),
        case("twice_quoted.csv", "t,y,\"y\"\n0,1,2\n", "1:5", "both called `y`"),
        case("twice_with_units.csv", "t,y [Hz],y (mV)\n0,1,2\n", "1:1", "called `y` once their units are taken off"),
        case("no_header.csv", "0,1\n1,2\n", "1:1", "the first line holds numbers"),
        case("numpy_header.csv", "# t,y\n0,1\n1,2\n", "2:1", "the first line holds numbers"),
        case("pandas_index.csv", ",t,y\n0,0,1\n", "1:1", "column 1 has no name"),
        case("nameless_end.csv", "t,y,\n0,1,\n", "1:5", "column 3 has no name"),
        case("control.csv", "t,y\u{7}\n0,1\n", "1:3", "control character"),
        case("header_only.csv", "t,y\n", "", "a header and no rows"),
        case("header_only_blank.csv", "t,y\n\n\n", "", "a header and no rows"),
        case("comments_only.csv", "# nothing\n# here\n", "1:1", "only comments"),
        case("empty.csv", "", "", "is empty (0 bytes)"),
        case("blank.csv", " \n \n", "", "holds only blanks"),
        // Cells.
        case("word.csv", "t,y\n0,1\n1,oops\n2,3\n", "3:3", "`oops` in the number column `y`"),
        case("unit_in_cell.csv", "t,y\n0,5 Hz\n1,6\n2,7\n3,8\n", "2:3", "a word in column `y`"),
        case("underscore.csv", "t,y\n0,1\n1,1_000\n", "3:3", "`1_000` in the number column"),
        case("hex.csv", "t,y\n0,1\n1,0x10\n", "3:3", "`0x10` in the number column"),
        case("date.csv", "t,y\n0,1\n2024-01-02,1\n", "3:1", "`2024-01-02` in the number column"),
        case("two_points.csv", "t,y\n0,1\n1,1.2.3\n", "3:3", "`1.2.3`"),
        case("complex.csv", "t,y\n0,1\n1,1+2j\n", "3:3", "`1+2j`"),
        case("bracketed.csv", "t,y\n0,1\n1,[2]\n", "3:3", "`[2]`"),
        case("excel_error.csv", "t,y\n0,1\n1,#DIV/0!\n", "3:3", "`#DIV/0!`"),
        ("late_word.csv", long.into_bytes(), "4323:6", "`x` in the number column `y`"),
        case("true_among_numbers.csv", "t,y\n0,1\n1,true\n", "3:3", "`true` in the number column"),
        case("number_among_flags.csv", "t,y\n0,true\n1,2\n", "3:3", "neither true nor false"),
        case("blank_cell.csv", "t,y\n0,1\n1,\n", "3:3", "a value of `y` is missing (blank)"),
        case("nan.csv", "t,y\n0,1\n1,NaN\n", "3:3", "a value of `y` is missing (`NaN`)"),
        case("na.csv", "t,y\n0,1\n1,n/a\n", "3:3", "missing (`n/a`)"),
        case("null.csv", "t,y\n0,null\n1,1\n", "2:3", "missing (`null`)"),
        ("our_missing.csv", with_missing, "3:1", "is missing"),
        case("inf.csv", "t,y\n0,1\n1,inf\n", "3:3", "not finite"),
        case("minus_infinity.csv", "t,y\n0,1\n1,-Infinity\n", "3:3", "not finite"),
        case("huge.csv", "t,y\n0,1\n1,1e999\n", "3:3", "does not fit into a double"),
        case("big_id.csv", "t,id\n0,9007199254740993\n", "2:3", "does not fit into a double"),
        // Quotes, bytes and encodings.
        case("open_quote.csv", "t,y\n0,\"1\n1,2\n", "2:3", "a quote that is never closed"),
        case("quote_inside.csv", "t,y\n0,1\"2\n", "2:4", "a quote in the middle"),
        case("behind_quote.csv", "t,y\n0,\"1\"2\n", "2:6", "text behind a closing quote"),
        case("old_mac.csv", "t,y\r0,1\r1,2\r", "1:4", "lone carriage return"),
        ("latin1.csv", b"t,\xb5\n0,1\n".to_vec(), "1:3", "0xB5 is not UTF-8"),
        ("latin1_cell.csv", b"t,what\n0,a\n1,\xe9\n".to_vec(), "3:3", "0xE9 is not UTF-8"),
        ("zero_byte.csv", b"t,y\n0,\0\n".to_vec(), "2:3", "a zero byte"),
        ("utf16.csv", b"\xff\xfet\0,\0y\0\n\0".to_vec(), "", "UTF-16"),
        // Formats.
        ("gzip.csv", b"\x1f\x8b\x08\0\0\0".to_vec(), "", "holds gzip"),
        ("zip.csv", b"PK\x03\x04xxxx".to_vec(), "", "a zip archive"),
        ("parquet.csv", parquet.clone(), "", "called text but holds Parquet"),
        case("csv.parquet", "t,y\n0,1\n", "", "does not begin with `PAR1`"),
        ("hdf5.parquet", b"\x89HDF\r\n\x1a\n".to_vec(), "", "called Parquet but holds HDF5"),
        ("numpy.npy", b"\x93NUMPY\x01\0".to_vec(), "", "NPY"),
        case("data.xlsx", "x", "", "no extension that is read here"),
        case("noextension", "t,y\n0,1\n", "", "no extension that is read here"),
        ("cut_in_half.parquet", parquet[..parquet.len() / 2].to_vec(), "", "does not end with `PAR1`"),
        ("cut_by_one.parquet", parquet[..parquet.len() - 1].to_vec(), "", "broken Parquet"),
        ("magic_only.parquet", b"PAR1PAR1".to_vec(), "", "broken Parquet"),
        ("no_content.parquet", b"PAR1\0\0\0\0PAR1".to_vec(), "", "broken Parquet"),
        ("long_footer.parquet", b"PAR1\xff\xff\xff\x7fPAR1".to_vec(), "", "broken Parquet"),
        ("flipped_data.parquet", damaged(20), "", "broken Parquet"),
        ("flipped_footer.parquet", damaged(footer), "", "broken Parquet"),
        ("empty.parquet", Vec::new(), "", "is empty (0 bytes)"),
    ]
}

/// The error must say everything that it can.
fn check(name: &str, error: &Error, place: &str, cause: &str) {
    let text = error.to_string();
    assert_eq!(error.exit_code(), 65, "{name}: {text}");
    let wanted = if place.is_empty() { format!("{name}: ") } else { format!("{name}:{place}: ") };
    assert!(text.starts_with(&wanted), "{name} should begin with `{wanted}`:\n{text}");
    assert!(text.contains(cause), "{name} should say `{cause}`:\n{text}");
    let help = text.lines().last().unwrap();
    assert!(help.starts_with("help: ") && help.len() > 12, "{name} should say what to do:\n{text}");
}

/// A recording of 200 rows from functions of the row.
fn recording(
    name: &'static str,
    header: &str,
    row: impl Fn(usize) -> String,
    place: &'static str,
    cause: &'static str,
) -> Case {
    let text = (0..200).fold(format!("{header}\n"), |text, k| text + &row(k) + "\n");
    (name, text.into_bytes(), place, cause)
}

/// Files that are read and whose column `y` makes no recording.
fn no_recordings() -> Vec<Case> {
    let y = |k: usize| (k * 37 % 11) as f64;
    vec![
        recording(
            "unsorted.csv",
            "t_s,y [Hz]",
            |k| format!("{},{}", if k == 50 { 3 } else { k }, y(k)),
            "52",
            "time runs backwards",
        ),
        recording("clock_reset.csv", "t_s,y [Hz]", |k| format!("{},{}", k % 100, y(k)), "102", "time runs backwards"),
        recording(
            "time_twice.csv",
            "t_s,y [Hz]",
            |k| format!("{},{}", if k == 50 { 49 } else { k }, y(k)),
            "52",
            "occurs twice",
        ),
        recording(
            "gap.csv",
            "t_s,y [Hz]",
            |k| format!("{},{}", if k < 100 { k } else { k + 5 }, y(k)),
            "102",
            "the time step is 6",
        ),
        recording(
            "irregular.csv",
            "t_s,y [Hz]",
            |k| format!("{},{}", (k * k) as f64 * 0.1 + k as f64, y(k)),
            "3",
            "the time step is",
        ),
        recording("constant.csv", "t_s,y [Hz]", |k| format!("{k},5"), "", "column `y` is constant (5)"),
        recording("words.csv", "t_s,y", |k| format!("{k},w{k}"), "", "the unit of column `y` is not known"),
        recording("words_with_unit.csv", "t_s,y [Hz]", |k| format!("{k},w{k}"), "", "holds words (`w0`)"),
        recording("flags.csv", "t_s,y [Hz]", |k| format!("{k},{}", k % 2 == 0), "", "holds true and false"),
        recording("no_unit.csv", "t_s,y", |k| format!("{k},{}", y(k)), "", "the unit of column `y` is not known"),
        recording(
            "no_time_unit.csv",
            "t,y [Hz]",
            |k| format!("{k},{}", y(k)),
            "",
            "the unit of column `t` is not known",
        ),
        recording("wrong_column.csv", "t_s,yy [Hz]", |k| format!("{k},{}", y(k)), "", "there is no column `y`"),
        recording("no_time.csv", "x [Hz],y [Hz]", |k| format!("{k},{}", y(k)), "", "no column looks like time"),
        recording(
            "two_times.csv",
            "t_s,time_ms,y [Hz]",
            |k| format!("{k},{k},{}", y(k)),
            "",
            "several columns look like time",
        ),
        case(
            "nineteen.csv",
            &(0..19).fold("t_s,y [Hz]\n".to_string(), |a, k| format!("{a}{k},{}\n", y(k))),
            "",
            "19 samples",
        ),
    ]
}

fn take(data: &DataSet) -> Result<Recording> {
    Recording::new(data, &["y"], &Mapping::default())
}

#[test]
fn law_every_bad_file_says_where_why_and_what_to_do() {
    let options = ReadOptions::default();
    let mut names = std::collections::BTreeSet::new();
    let mut count = 0;
    for (name, bytes, place, cause) in unreadable() {
        let error = read_bytes(name, &bytes, None, &options).expect_err(name);
        check(name, &error, place, cause);
        count += usize::from(names.insert(name));
    }
    for (name, bytes, place, cause) in no_recordings() {
        let data = read_bytes(name, &bytes, None, &options).expect(name);
        check(name, &take(&data).expect_err(name), place, cause);
        count += usize::from(names.insert(name));
    }
    println!("bad data files: {count} of {count} refused with place, cause and help");
    assert!(count >= 80, "{count}");
}

#[test]
fn law_a_bad_sidecar_is_refused() {
    let cases = [
        ("[units]\ny = 5\n", "", "unit of `y` must be text"),
        ("[units]\nz = \"Hz\"\n", "", "there is no column `z`"),
        ("[units]\ny = \"furlong\"\n", "", "is not a unit"),
        ("[units\n", "1:", "unclosed"),
        ("unit = \"Hz\"\n", "", "`unit` means nothing here"),
        ("sha256 = \"00\"\n", "", "content has changed"),
    ];
    for (text, place, cause) in cases {
        let sidecar = Some(("x.units.toml", text));
        let error = read_bytes("x.csv", b"t_s,y\n0,1\n", sidecar, &ReadOptions::default()).expect_err(text).to_string();
        assert!(error.starts_with(&format!("x.units.toml:{place}")) || error.starts_with("x.csv"), "{error}");
        assert!(error.contains(cause) && error.contains("help: "), "{text}: {error}");
    }
}

#[test]
fn law_a_missing_file_names_its_neighbour() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/bcm_rate");
    let error = read(&folder.join("stable_S2.csv"), &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("did you mean `stable_S1.csv`"), "{error}");
    let error = read(&folder, &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("is a folder"), "{error}");
}

#[test]
fn law_a_prediction_that_does_not_belong_to_the_recording_is_an_error() {
    let text = (0..200).fold("t_s,y [Hz]\n".to_string(), |a, k| format!("{a}{k},{}\n", k * 37 % 11));
    let data = read_bytes("x.csv", text.as_bytes(), None, &ReadOptions::default()).unwrap();
    let recording = take(&data).unwrap();
    let fails = |p: Prediction, cause: &str| {
        let error = judge(&recording, &[p], &Options::default()).unwrap_err().to_string();
        assert!(error.contains(cause), "{error}");
    };
    fails(Prediction::new("z", What::Stationary, 1.0, Unit::HERTZ), "no quantity `z`");
    fails(Prediction::new("y", What::Stationary, 1.0, Unit::SECOND), "unit s where Hz is needed");
    fails(Prediction::new("y", What::RelaxationTime, 1.0, Unit::HERTZ), "unit Hz where s is needed");
    fails(Prediction::new("y", What::Stationary, 0.0, Unit::HERTZ), "absolute tolerance");
    fails(Prediction::new("y", What::Stationary, f64::NAN, Unit::HERTZ), "not finite");
    fails(Prediction::new("y", What::TimeConstant, 1.0, Unit::SECOND), "needs one recorded drive");
    assert!(judge(&recording, &[], &Options::default()).is_err());
}
