"""Compares the time of an update of gradient descent (gradient and step) by Petal and other frameworks.

    benches/peers/run.sh [CASE | ACTIVATION ...]      cases: a a64 b c d e predict
                                                      activations: tanh (the default) sigmoid relu identity

Each measurement runs in a separate process. The result is the shortest mean time of several runs. The inputs are normal
random numbers, and the labels are random. No framework reads the loss. A measurement with one thread is bound to one
core. JAX is measured with the samples in rows and in columns, and the faster counts; its whole loop is one compiled
function.
"""
import json
import os
import platform
import subprocess
import sys
import time

CASES = {  # samples, features, hidden units, float type, threads
    "a": (400, 2, 4, "f32", 1),
    "a64": (400, 2, 4, "f64", 1),
    "b": (400, 2, 50, "f32", 1),
    "c": (100_000, 2, 4, "f32", None),
    "d": (100_000, 16, 64, "f32", None),
    "e": (1_000_000, 2, 4, "f32", None),
}
ACTIVATIONS = ["tanh", "sigmoid", "relu", "identity"]
PREDICT = (1_000_000, 2, 4, "f32", None)
PEERS = ["jax", "numpy", "torch", "torch.compile", "scikit-learn"]
RATE = 0.01


def fastest(run):
    """Seconds per update. `run(n)` makes n updates."""
    run(2)  # compiles
    start = time.perf_counter()
    run(2)
    once = (time.perf_counter() - start) / 2
    n = max(10, min(20_000, int(0.3 / once)))
    times = []
    for _ in range(7):
        start = time.perf_counter()
        run(n)
        times.append((time.perf_counter() - start) / n)
    return min(times)


def arrays(m, d, h, dtype):
    import numpy as np

    rng = np.random.default_rng(1)
    float_type = {"f32": np.float32, "f64": np.float64}[dtype]
    x = rng.normal(size=(m, d)).astype(float_type)
    y = rng.integers(0, 2, size=(m, 1)).astype(float_type)
    w1, w2 = (0.5 * rng.normal(size=shape).astype(float_type) for shape in ((d, h), (h, 1)))
    return x, y, w1, np.zeros(h, float_type), w2, np.zeros(1, float_type)


def with_jax(m, d, h, dtype, activation):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    x, y, w1, b1, w2, b2 = map(jnp.asarray, arrays(m, d, h, dtype))

    f = {"tanh": jnp.tanh, "sigmoid": jax.nn.sigmoid, "relu": jax.nn.relu, "identity": lambda z1: z1}[activation]

    def in_rows(p):
        return f(x @ p[0] + p[1]) @ p[2] + p[3], y

    xt, yt = x.T.copy(), y.T.copy()

    def in_columns(p):
        return p[2] @ f(p[0] @ xt + p[1]) + p[3], yt

    times = []
    for logits, p in ((in_rows, (w1, b1, w2, b2)), (in_columns, (w1.T, b1[:, None], w2.T, b2[:, None]))):

        def loss(p):
            z2, y = logits(p)
            return jnp.mean(jax.nn.softplus(z2) - y * z2)

        gradient = jax.grad(loss)

        @jax.jit
        def loop(n, p):
            return jax.lax.fori_loop(0, n, lambda _, p: jax.tree.map(lambda v, g: v - RATE * g, p, gradient(p)), p)

        times.append(fastest(lambda n: jax.block_until_ready(loop(n, p))))
    return min(times)


def numpy_activation(activation):
    """The activation, and its derivative as a function of its value."""
    import numpy as np

    return {
        "tanh": (np.tanh, lambda a1: 1 - a1 * a1),
        "sigmoid": (lambda z1: 1 / (1 + np.exp(-z1)), lambda a1: a1 * (1 - a1)),
        "relu": (lambda z1: np.maximum(z1, 0), lambda a1: a1 > 0),
        "identity": (lambda z1: z1, lambda a1: 1),
    }[activation]


def with_numpy(m, d, h, dtype, activation):
    import numpy as np

    x, y, w1, b1, w2, b2 = arrays(m, d, h, dtype)
    f, derivative = numpy_activation(activation)
    float_type = x.dtype.type

    def run(n):
        nonlocal w1, b1, w2, b2
        for _ in range(n):
            a1 = f(x @ w1 + b1)
            dz2 = (1 / (1 + np.exp(-(a1 @ w2 + b2))) - y) * float_type(1 / m)
            dz1 = (dz2 @ w2.T) * derivative(a1)
            w1 = w1 - float_type(RATE) * (x.T @ dz1)
            b1 = b1 - float_type(RATE) * dz1.sum(0)
            w2 = w2 - float_type(RATE) * (a1.T @ dz2)
            b2 = b2 - float_type(RATE) * dz2.sum(0)

    return fastest(run)


def torch_activation(activation):
    import torch

    return {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu, "identity": lambda z1: z1}[activation]


def with_torch(m, d, h, dtype, activation):
    import torch

    if os.environ.get("OMP_NUM_THREADS"):
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    x, y, *parameters = map(torch.from_numpy, arrays(m, d, h, dtype))
    for parameter in parameters:
        parameter.requires_grad_(True)
    w1, b1, w2, b2 = parameters
    f = torch_activation(activation)
    optimizer = torch.optim.SGD(parameters, lr=RATE)

    def run(n):
        for _ in range(n):
            optimizer.zero_grad()
            z2 = f(x @ w1 + b1) @ w2 + b2
            torch.nn.functional.binary_cross_entropy_with_logits(z2, y).backward()
            optimizer.step()

    return fastest(run)


def with_torch_compile(m, d, h, dtype, activation):
    """Gradient and step in one compiled function."""
    import torch

    if os.environ.get("OMP_NUM_THREADS"):
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    x, y, *parameters = map(torch.from_numpy, arrays(m, d, h, dtype))

    f = torch_activation(activation)

    def loss(p):
        z2 = f(x @ p[0] + p[1]) @ p[2] + p[3]
        return torch.nn.functional.binary_cross_entropy_with_logits(z2, y)

    @torch.compile
    def step(p):
        return [value - RATE * derivative for value, derivative in zip(p, torch.func.grad(loss)(p))]

    def run(n):
        nonlocal parameters
        with torch.no_grad():
            for _ in range(n):
                parameters = step(parameters)

    return fastest(run)


def with_sklearn(m, d, h, dtype, activation):
    import warnings

    from sklearn.neural_network import MLPClassifier

    warnings.filterwarnings("ignore")
    x, y, *_ = arrays(m, d, h, dtype)

    def run(n):
        settings = dict(activation={"sigmoid": "logistic"}.get(activation, activation), solver="sgd", alpha=0, batch_size=m, momentum=0, shuffle=False, tol=0)
        net = MLPClassifier((h,), learning_rate_init=RATE, max_iter=n, n_iter_no_change=n + 1, **settings)
        net.fit(x, y.ravel())

    return fastest(run)


def predict_numpy(m, d, h, dtype, activation):
    import numpy as np

    x, _, w1, b1, w2, b2 = arrays(m, d, h, dtype)
    f, _ = numpy_activation(activation)

    def run(n):
        for _ in range(n):
            1 / (1 + np.exp(-(f(x @ w1 + b1) @ w2 + b2)))

    return fastest(run)


def predict_torch(m, d, h, dtype, activation):
    import torch

    x, _, w1, b1, w2, b2 = map(torch.from_numpy, arrays(m, d, h, dtype))
    f = torch_activation(activation)

    def run(n):
        with torch.inference_mode():
            for _ in range(n):
                torch.sigmoid(f(x @ w1 + b1) @ w2 + b2)

    return fastest(run)


MEASURE = {
    "jax": with_jax,
    "numpy": with_numpy,
    "torch": with_torch,
    "torch.compile": with_torch_compile,
    "scikit-learn": with_sklearn,
    "predict-numpy": predict_numpy,
    "predict-torch": predict_torch,
}


def run_process(command, threads):
    """Runs a command with this number of threads. Returns the JSON of its last line, or None if it fails."""
    environment = dict(os.environ)
    if threads:
        names = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"]
        environment |= {name: str(threads) for name in names}
        command = ["taskset", "-c", "0", *command]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def peer(name, case, activation):
    measured = run_process([sys.executable, __file__, "--measure", name, *map(str, case[:4]), activation], case[4])
    return measured and measured["microseconds"]


def petal(program, engine, case, activation):
    m, d, h, dtype, threads = case
    measured = run_process([program, engine, dtype, f"activation={activation}", f"{m}x{d}x{h}"], threads)
    return measured and measured["microseconds"]


def format_time(microseconds):
    if microseconds is None:
        return "-"
    return f"{microseconds / 1e3:,.2f} ms" if microseconds >= 1e3 else f"{microseconds:.3g} us"


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def versions():
    from importlib.metadata import version

    return ", ".join(f"{name} {version(name)}" for name in ("jax", "numpy", "torch", "scikit-learn"))


def main(program, words):
    print(f"{processor()}, {os.cpu_count()} cores; {versions()}; Python {platform.python_version()}\n")
    engines = ["manual", "autodiff"]
    activations = [word for word in words if word in ACTIVATIONS] or ["tanh"]
    names = [word for word in words if word not in ACTIVATIONS] or [*CASES, "predict"]
    print(f"| case | activation | m | d | h | type | threads | fused | {' | '.join(PEERS)} | Burn manual | Burn autodiff | JAX / fused |")
    print("|" + " --- |" * (11 + len(PEERS)), flush=True)
    for name, activation in [(name, activation) for name in names if name in CASES for activation in activations]:
        case = CASES[name]
        m, d, h, dtype, threads = case
        fused = [petal(program, "fused", case, activation)]
        times = [peer(framework, case, activation) for framework in PEERS]
        times += [petal(program, engine, case, activation) for engine in engines]
        fused = min(fused + [petal(program, "fused", case, activation)])  # before and after: the speed of the machine varies
        columns = [name, activation, f"{m:,}", d, h, dtype, threads or "all", format_time(fused), *map(format_time, times), f"{times[0] / fused:.1f}"]
        print("| " + " | ".join(map(str, columns)) + " |", flush=True)
    for activation in activations if "predict" in names else []:
        m = PREDICT[0]
        times = {"fused": petal(program, "predict", PREDICT, activation)}
        times |= {framework: peer(f"predict-{framework}", PREDICT, activation) for framework in ("numpy", "torch")}
        print(f"\nPredictions, {activation}, {PREDICT[1]} features and {PREDICT[2]} hidden units, f32, all threads, million rows a second:")
        print(", ".join(f"{name} {m / time:.0f}" for name, time in times.items() if time))


if __name__ == "__main__":
    if sys.argv[1] == "--measure":
        name, m, d, h, dtype, activation = sys.argv[2:]
        print(json.dumps({"microseconds": 1e6 * MEASURE[name](int(m), int(d), int(h), dtype, activation)}))
    else:
        main(sys.argv[1], sys.argv[2:])
