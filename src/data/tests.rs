//! Does what goes out come in again, and is what is broken refused?

use super::*;
use crate::field::{Table, Unit};
use crate::num::Stream;
use proptest::prelude::*;
use std::path::PathBuf;

/// A fresh folder below the one for test output.
fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("homeostat-data-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn example() -> Table {
    let words = ["=SUM(A1)", "plain", "a, \"b\"", "'+1", "-x\ny", "µ"];
    Table::new()
        .number("t", Unit::SECOND, vec![0.0, 0.1, 0.30000000000000004, 1e-300, -2.5e17, f64::MAX])
        .number("rate", Unit::parse("kHz").unwrap(), vec![1.0, f64::NAN, -0.0, 5e-324, 1.0 / 3.0, 7.0])
        .text("what", words.map(String::from).to_vec())
        .flag("stable", vec![true, false, true, true, false, false])
}

/// Equal, with all NaN taken as one value.
fn same(a: &Table, b: &Table) -> bool {
    digest(a) == digest(b)
}

#[test]
fn law_tables_come_back_as_they_were_written() {
    let folder = folder("roundtrip");
    let allow = ReadOptions { missing: Missing::AsNan, ..ReadOptions::default() };
    for name in ["x.csv", "x.parquet"] {
        let path = folder.join(name);
        write_table(&example(), &path).unwrap();
        let back = read(&path, &allow).unwrap();
        assert!(same(&back.table, &example()), "{name}: {:?}", back.table);
        assert_eq!(back.missing, [("rate".to_string(), 1)]);
        assert!(back.stated.iter().all(|s| *s != Stated::Nobody));
    }
    let json: serde_json::Value = serde_json::from_slice(&to_bytes(&example(), Format::Json).unwrap()).unwrap();
    assert_eq!(json["units"]["rate"], "kHz");
    assert_eq!(json["rows"][1]["rate"], serde_json::Value::Null);
    assert_eq!(json["rows"][4]["t"], -2.5e17);
    // Nothing temporary is left behind.
    let names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn law_the_same_table_gives_the_same_bytes() {
    for format in [Format::Csv, Format::Parquet, Format::Json] {
        assert_eq!(to_bytes(&example(), format).unwrap(), to_bytes(&example(), format).unwrap());
    }
    let text = String::from_utf8(to_bytes(&example(), Format::Csv).unwrap()).unwrap();
    assert!(text.contains("'=SUM(A1)") && text.contains("0.30000000000000004"), "{text}");
}

#[test]
fn law_no_flipped_bit_and_no_cut_in_our_parquet_goes_unnoticed() {
    let table = Table::new().number("x", Unit::HERTZ, (0..300).map(|k| f64::from(k) * 0.1).collect());
    let good = to_bytes(&table, Format::Parquet).unwrap();
    let options = ReadOptions::default();
    let mut draw = Stream::new(5, &[1]);
    let (mut refused, mut harmless) = (0, 0);
    for _ in 0..600 {
        let mut bad = good.clone();
        let bit = (draw.uniform() * (good.len() * 8) as f64) as usize;
        bad[bit / 8] ^= 1 << (bit % 8);
        match read_bytes("x.parquet", &bad, None, &options) {
            Err(_) => refused += 1,
            // A flipped bit that nobody reads: the table is the one that was written.
            Ok(data) if digest(&data.table) == digest(&table) => harmless += 1,
            Ok(_) => panic!("bit {bit} changed the table in silence"),
        }
    }
    assert!(refused > 300, "{refused} refused, {harmless} harmless");
    for cut in (0..good.len()).step_by(7) {
        assert!(read_bytes("x.parquet", &good[..cut], None, &options).is_err(), "cut at {cut}");
    }
}

#[test]
fn theory_who_stated_the_unit_is_kept() {
    let text = b"t_s,mean_s,y [mV]\n0,1,2\n1,2,3\n";
    let mut options = ReadOptions::default();
    let data = read_bytes("x.csv", text, None, &options).unwrap();
    assert_eq!(data.stated, [Stated::Header, Stated::Nobody, Stated::Header]);
    assert!(data.unit("mean_s").unwrap_err().to_string().contains("unit of column `mean_s` is not known"));
    let sidecar = Some(("x.units.toml", "[units]\nmean_s = \"1\"\n"));
    let data = read_bytes("x.csv", text, sidecar, &options).unwrap();
    assert_eq!(data.stated[1], Stated::Sidecar);
    options.units.insert("y".into(), "V".into());
    let data = read_bytes("x.csv", text, sidecar, &options).unwrap();
    assert_eq!((data.stated[2], data.unit("y").unwrap().to_string()), (Stated::Caller, "V".into()));
    options.units.insert("z".into(), "V".into());
    assert!(read_bytes("x.csv", text, sidecar, &options).unwrap_err().to_string().contains("no column `z`"));
}

#[test]
fn theory_a_sidecar_with_a_digest_catches_a_changed_file() {
    let text = "t_s,y\n0,1\n1,2\n";
    let sidecar = format!("sha256 = \"{}\"", sha256_hex(text.as_bytes()));
    let with =
        |text: &str| read_bytes("x.csv", text.as_bytes(), Some(("x.units.toml", &sidecar)), &ReadOptions::default());
    assert!(with(text).is_ok());
    assert!(with("t_s,y\n0,1\n1,3\n").unwrap_err().to_string().contains("content has changed"));
}

#[test]
fn theory_honest_variants_are_read() {
    let wanted = read_text("x.csv", "t,y\n0,1.5\n1,2\n", &ReadOptions::default()).unwrap().table;
    let variants: [&[u8]; 7] = [
        b"t,y\r\n0,1.5\r\n1,2\r\n",
        b"\xef\xbb\xbft,y\n0,1.5\n1,2\n",
        b"t,y\n0,1.5\n1,2",
        b"t,y\n0,1.5\n1,2\n\n  \n",
        b"# made by a simulator\nt,y\n0,1.5\n1,2\n",
        b"\"t\",\"y\"\n\"0\",\"1.5\"\n\"1\",\"2\"\n",
        b"t , y\n 0, 1.50e0 \n1,+2\n",
    ];
    for text in variants {
        let data = read_bytes("x.csv", text, None, &ReadOptions::default());
        assert_eq!(data.unwrap().table, wanted, "{}", String::from_utf8_lossy(text));
    }
    let tabs = read_text("x.tsv", "t\ty\n0\t1.5\n1\t2\n", &ReadOptions::default()).unwrap();
    assert_eq!(tabs.table, wanted);
    let latin1 = ReadOptions { latin1: true, ..ReadOptions::default() };
    let data = read_bytes("x.csv", b"t,\xb5\n0,1\n", None, &latin1).unwrap();
    assert_eq!(data.table.columns()[1].name, "µ");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn law_any_numbers_come_back_bit_for_bit(x in proptest::collection::vec(proptest::num::f64::NORMAL, 1..40)) {
        let table = Table::new().number("x", Unit::NONE, x);
        for (name, format) in [("x.csv", Format::Csv), ("x.parquet", Format::Parquet)] {
            let back = read_bytes(name, &to_bytes(&table, format).unwrap(), None, &ReadOptions::default()).unwrap();
            prop_assert!(same(&back.table, &table));
        }
    }
    #[test]
    fn law_any_text_is_read_or_refused(text in "[a-z0-9,;.\"\n\r\t #=-]{0,60}") {
        let _ = read_text("x.csv", &text, &ReadOptions::default());
    }
    #[test]
    fn law_any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_bytes("x.csv", &bytes, None, &ReadOptions::default());
        let _ = read_bytes("x.parquet", &bytes, None, &ReadOptions::default());
    }
}
