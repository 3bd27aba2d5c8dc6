"""Where models are in XPPAUT 6.11: python3 xpp.py PROGRAM > xpp.csv (half a minute; xppaut on the path).

Models of the catalogue are written by `PROGRAM convert MODEL --to ode`, files beside this one are taken as they are; XPP
runs each with the options in the file (CVODE, 1e-10). Its output has single precision. A row: what was run, with which
settings, at which time (s, or the file's unit), and the state in the order of the file.
"""

import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent / "xpp"
BOUNDED = "tau_w=10 s;x=1 Hz;R=10 Hz;beta=1 s;h=2 Hz;theta=4 Hz;y0=1 Hz;w_max=5;w="
MODELS = [
    ("neuron+bcm", ""),
    ("neuron+bcm", "x=3 Hz;tau_theta=40 s"),
    ("leaky+bcm+ach", ""),
    ("ei+istdp@w_ei", ""),
    ("ei+istdp@w_ei+scaling@w_ee", ""),
    ("feedforward+oja", ""),
    ("feedforward+hebb+normalise_subtractive", ""),
    ("neuron+two_factor", ""),
    ("leaky+intrinsic_sensor", ""),
    ("patterns+bcm", ""),
    ("population+triplet", ""),
    ("neuron+power_law+intrinsic+learned_target@intrinsic.r0", ""),
    ("leaky+softplus_rate+intrinsic", ""),
    ("recurrent+intrinsic", ""),
    ("recurrent+sigmoid_rate", "N=5"),
    ("leaky+short_term", ""),
    ("tsodyks_markram", ""),
    ("wilson_cowan", ""),
    ("morris_lecar", ""),
    ("qif_sfa_alpha", ""),
    ("neuron+sigmoid_rate+hebb_threshold+hard_bounds", BOUNDED + "1.5"),
    ("neuron+sigmoid_rate+hebb_threshold+hard_bounds", BOUNDED + "1.7"),
    ("words.ode", ""),
    ("ring.ode", ""),
    ("functions.ode", ""),
]


def text(program, model, settings):
    if model.endswith(".ode"):
        return (HERE / model).read_text()
    sets = [word for s in settings.split(";") if s for word in ("--set", s)]
    return subprocess.run([program, "convert", model, "--to", "ode", *sets], check=True, capture_output=True, text=True).stdout


def rows(ode):
    """The output of XPP, one list of numbers a line."""
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "model.ode").write_text(ode)
        subprocess.run(["xppaut", "model.ode", "-silent"], cwd=folder, check=True, capture_output=True)
        lines = pathlib.Path(folder, "output.dat").read_text().splitlines()
    return [line.split() for line in lines]


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    print("model,settings,t,state")
    for model, settings in MODELS:
        ode = text(program, model, settings)
        # Behind the variables XPP prints what `aux` shows.
        variables = sum(1 for line in ode.splitlines() if line.split("=")[0].rstrip().endswith(("'", "/dt")))
        variables = {"ring.ode": 12}.get(model, variables)
        table = rows(ode)
        for at in (len(table) // 20, len(table) // 4, len(table) - 1):
            print(model, settings, table[at][0], " ".join(table[at][1 : 1 + variables]), sep=",")


if __name__ == "__main__":
    main()
