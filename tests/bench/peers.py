"""What `tests/bench/run` compares dxcp with: other programs, by the same rules.

The documents are all intents of a repository of gen_repo; the rules are those
that can deny one of them: its keys and types, a known service, a route, a recipe
of the service, a registered version, parameters within limits. Each program is
given the documents in one file and the policy as JSON, both made before, where
dxcp reads git and the policy's YAML; and each has to deny as many as dxcp does.
"""

import json
import os
import re
import shutil
import subprocess

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers")
BUILD = os.path.join(os.path.dirname(HERE), "../../build/peers")
BUILD = os.path.normpath(BUILD)
HOW = "not there: make peers-deps"


class Files:
    """The documents and the policy as files, in a folder."""

    def __init__(self, repository, folder, check):
        self.folder, self.repository = folder, repository
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        texts = self.texts("intents/")
        self.put("documents.yaml", "\n---\n".join(t.rstrip("\n") for t in texts))
        one = ("- " + t.rstrip("\n").replace("\n", "\n  ") for t in texts)
        self.put("list.yaml", "\n".join(one) + "\n")
        policy = self.policy()
        self.put("policy.json", json.dumps(policy))
        for kind in ("deploy", "build"):
            schema = [check[0], "schema", kind]
            self.put(kind + ".json", subprocess.run(
                schema, check=True, stdout=subprocess.PIPE).stdout.decode())
        policy["registered"] = {
            "%s %s" % (b["service"], b["version"]): True
            for b in map(keys_of, texts) if b["kind"] == "build"
        }
        self.put("data.json", json.dumps({"bench": policy}))
        os.makedirs(os.path.join(folder, "conftest"))
        for name in ("rules.rego", "main.rego"):
            shutil.copy(os.path.join(HERE, name), os.path.join(folder, "conftest"))
        self.denied = self.denials(check)

    def path(self, name):
        return os.path.join(self.folder, name)

    def put(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)

    def git(self, *words, stdin=None):
        command = ["git", "-C", self.repository, *words]
        return subprocess.run(
            command, check=True, input=stdin, stdout=subprocess.PIPE
        ).stdout

    def texts(self, prefix):
        names = self.git("ls-tree", "-r", "main", prefix).splitlines()
        blobs = b"\n".join(n.split()[2] for n in names)
        out, texts, at = self.git("cat-file", "--batch", stdin=blobs), [], 0
        while at < len(out):
            end = out.index(b"\n", at)
            size = int(out[at:end].split()[2])
            texts.append(out[end + 1 : end + 1 + size].decode())
            at = end + 1 + size + 1
        return texts

    def policy(self):
        import yaml  # where the peers are, it is

        documents = [
            d for t in self.texts("policy/") for d in yaml.load_all(t, yaml.CSafeLoader)
        ]
        services = {
            d["name"]: {"routes": d["routes"], "recipes": d["recipes"]}
            for d in documents if d["kind"] == "service"
        }
        recipe = next(d for d in documents if d["kind"] == "recipe")
        replicas = recipe["overridable"]["replicas"]
        return {"services": services, "replicas": replicas}

    def denials(self, check):
        done = subprocess.run(check + ["--format", "json"], stdout=subprocess.PIPE)
        return json.loads(done.stdout)["summary"]["deny"]

    def differs(self, command):
        """Why a program's answer is none that can be compared."""
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = done.stdout.decode()
        numbers = re.findall(r"(\d+) failures?|^(\d+)$", said, re.M)
        count = int("".join(numbers[-1])) if numbers else None
        if count == self.denied:
            return None
        return "denies %s, not %d: %s" % (count, self.denied, said[-200:])


def keys_of(text):
    """The plain keys of a document that gen_repo wrote."""
    return dict(re.findall(r"^(\w+): (.*)$", text, re.M))


def no_file(*names):
    def look():
        return None if all(os.path.exists(os.path.join(BUILD, n)) for n in names) else HOW
    return look


def no_yaml():
    try:
        import yaml
    except ImportError:
        return "python3 has no yaml: make peers-deps"
    return None if hasattr(yaml, "CSafeLoader") else HOW


def no_python():
    command = ["/usr/bin/python3", "-c", "import yaml, jsonschema"]
    done = subprocess.run(command, stderr=subprocess.DEVNULL)
    return HOW if done.returncode else None


def no_node():
    return no_file("node_modules/ajv", "node_modules/js-yaml")() or (
        None if shutil.which("node") else HOW
    )


def script(*words):
    def command(files):
        names = ("documents.yaml", "policy.json", "deploy.json", "build.json")
        program = os.path.join(HERE, words[-1])
        return [*words[:-1], program, *(files.path(n) for n in names)]
    return command


def opa(files):
    return [
        os.path.join(BUILD, "opa"), "eval", "--format", "raw",
        "--data", os.path.join(HERE, "rules.rego"), "--data", files.path("data.json"),
        "--input", files.path("list.yaml"), "count(data.rules.denied)",
    ]


def conftest(files):
    return [
        os.path.join(BUILD, "conftest"), "test", "--no-color",
        "--policy", files.path("conftest"), "--data", files.path("data.json"),
        files.path("documents.yaml"),
    ]


# name, goal, why it cannot be run, its command
PEERS = (
    ("js-yaml + ajv", 0.45, no_node, script("node", "ajv.js")),
    ("PyYAML + jsonschema", 0.20, no_python, script("/usr/bin/python3", "jsonschema_yaml.py")),
    ("opa eval", 0.30, no_file("opa"), opa),
    ("conftest test", 0.30, no_file("conftest"), conftest),
)
