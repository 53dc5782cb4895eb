"""Native peers of the benchmark, driven by hosts/python.mjs through lines of JSON.

A line {"method", "parameters"} on standard input is answered by {"result"} or {"error"}. The
methods are those of instance.mjs, and the data follows the rule of data.mjs.
"""

import json
import sys
import time

import numpy as np

WARM_UP_SECONDS = 0.3
WARM_UP_RUNS = 4


def hashes(count, seed):
    x = np.arange(count, dtype=np.uint32) + np.uint32(seed * 0x9E3779B9 & 0xFFFFFFFF)
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def uniform(shape, seed, low=-1.0, high=1.0):
    values = hashes(int(np.prod(shape)), seed).astype(np.float64) / 2**32
    return (low + (high - low) * values).astype(np.float32).reshape(shape)


class OpenBlas:
    """Matrix products only."""

    def __init__(self, threads):
        del threads  # OPENBLAS_NUM_THREADS says it.
        self.version = f"numpy {np.__version__}"

    def gemm(self, w):
        a, b = uniform((w["m"], w["k"]), 1), uniform((w["k"], w["n"]), 2)
        out = np.empty((w["m"], w["n"]), dtype=np.float32)
        return (lambda: np.matmul(a, b, out=out)), (lambda: out)


class PyTorch:
    def __init__(self, threads):
        import torch

        self.torch = torch
        torch.set_num_threads(threads)
        self.version = torch.__version__

    def gemm(self, w):
        torch = self.torch
        a = torch.from_numpy(uniform((w["m"], w["k"]), 1))
        b = torch.from_numpy(uniform((w["k"], w["n"]), 2))
        out = torch.empty(w["m"], w["n"])
        return (lambda: torch.mm(a, b, out=out)), (lambda: out.numpy())

    def module(self, layer):
        """A layer as a module without parameters."""
        nn = self.torch.nn
        size, stride = layer.get("size"), layer.get("stride")
        padding = tuple(pad["before"] for pad in layer.get("pads", []))
        # Zeros that are after an image alone come from windows that reach beyond it.
        beyond = any(pad["before"] != pad["after"] for pad in layer.get("pads", []))
        pooling = {"padding": padding, "ceil_mode": beyond}
        return {
            "conv": lambda: self.convolution(layer, beyond),
            "dense": lambda: nn.Linear(*layer["weightShape"]),
            "pool": lambda: nn.MaxPool2d(size, stride, **pooling),
            "averagePool": lambda: nn.AvgPool2d(
                size, stride, count_include_pad=False, **pooling
            ),
            "globalPool": lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
            "batchNorm": lambda: nn.BatchNorm2d(layer["input"][0], eps=layer["epsilon"]),
            "layerNorm": lambda: nn.LayerNorm(layer["input"]),
            "flatten": nn.Flatten,
            "relu": nn.ReLU,
            "sigmoid": nn.Sigmoid,
            "gelu": lambda: nn.GELU(approximate="tanh"),
            "softmax": lambda: nn.Softmax(dim=1),
        }[layer["type"]]()

    def convolution(self, layer, beyond):
        nn = self.torch.nn
        depth, channels, size, _ = layer["weightShape"]
        (top, left) = (pad["before"] for pad in layer["pads"])
        convolution = nn.Conv2d(
            channels * layer["groups"],
            depth,
            size,
            stride=layer["stride"],
            padding=0 if beyond else (top, left),
            groups=layer["groups"],
            bias=layer["bias"],
        )
        if not beyond:
            return convolution
        (bottom, right) = (pad["after"] for pad in layer["pads"])
        return nn.Sequential(nn.ZeroPad2d((left, right, top, bottom)), convolution)

    def load(self, module, layer):
        """Parameters by the rules of layers.mjs."""
        shape, seed = layer.get("weightShape"), layer.get("seed")
        if seed is None:
            return
        if isinstance(module, self.torch.nn.Sequential):
            module = module[-1]
        if shape is None:
            size = tuple(module.weight.shape)
            values = {
                "weight": uniform(size, seed, 0.8, 1.2),
                "bias": uniform(size, seed + 1, -0.1, 0.1),
            }
            if layer["type"] == "batchNorm":
                values["running_mean"] = uniform(size, seed + 2, -0.1, 0.1)
                values["running_var"] = uniform(size, seed + 3, 0.8, 1.2)
        else:
            weights = uniform(shape, seed, -layer["limit"], layer["limit"])
            values = {"weight": weights.T.copy() if layer["type"] == "dense" else weights}
            if module.bias is not None:
                values["bias"] = np.zeros(tuple(module.bias.shape), dtype=np.float32)
        for name, value in values.items():
            getattr(module, name).data = self.torch.from_numpy(value)

    def network(self, w):
        modules = []
        for layer in w["layers"]:
            modules.append(self.module(layer))
            self.load(modules[-1], layer)
        x = uniform([w["batch"], *w["inputShape"]], 3, *w["range"])
        return self.torch.nn.Sequential(*modules), self.torch.from_numpy(x)

    def inference(self, w):
        model, x = self.network(w)
        model.eval()

        def run():
            with self.torch.inference_mode():
                return model(x)

        return run, lambda: run().numpy()

    operator = inference

    def prediction(self, w):
        model, x = self.network(w)
        model.eval()
        array = x.numpy()

        def run():
            with self.torch.inference_mode():
                return model(self.torch.from_numpy(array)).numpy()

        return run, run

    def training(self, w):
        torch = self.torch
        model, x = self.network(w)
        classes = np.uint32(w["outputShape"][0])
        labels = torch.from_numpy((hashes(w["batch"], 4) % classes).astype(np.int64))
        loss_of = torch.nn.CrossEntropyLoss()
        # One call for all parameters is the faster of PyTorch's two ways.
        optimizer = torch.optim.Adam(model.parameters(), lr=w["learningRate"], foreach=True)

        def run():
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of(model(x), labels)
            loss.backward()
            optimizer.step()
            return loss.item()

        return run, None


class Instance:
    peer = None

    def __init__(self):
        self.runs = {}

    def open(self, instance):
        peers = {"pytorch": PyTorch, "openblas": OpenBlas}
        self.peer = peers[instance["peer"]](instance["threads"])
        return {"version": self.peer.version}

    def prepare(self, workload, indices):
        make = getattr(self.peer, workload["kind"], None)
        if make is None:
            return {"reason": "matrix products only"}
        run, result = make(workload)
        self.runs[workload["name"]] = run
        training = workload["kind"] == "training"
        times, losses = [], []
        start = time.perf_counter()
        while len(times) < WARM_UP_RUNS or time.perf_counter() - start < WARM_UP_SECONDS:
            before = time.perf_counter()
            value = run()
            times.append((time.perf_counter() - before) * 1000)
            if training and len(losses) < 3:
                losses.append(value)
        if training:
            return {"times": times, "losses": losses}
        return {"times": times, "values": result().reshape(-1)[indices].tolist()}

    def time(self, name, count):
        run = self.runs[name]
        start = time.perf_counter()
        for _ in range(count):
            run()
        return (time.perf_counter() - start) * 1000

    def release(self, name):
        self.runs.pop(name, None)


def main():
    instance = Instance()
    for line in sys.stdin:
        call = json.loads(line)
        try:
            answer = {"result": getattr(instance, call["method"])(*call["parameters"])}
        except Exception as error:  # Whatever it is, the table shows it.
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
