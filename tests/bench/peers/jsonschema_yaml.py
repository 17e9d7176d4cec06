#!/usr/bin/python3
"""jsonschema_yaml.py DOCUMENTS POLICY DEPLOY-SCHEMA BUILD-SCHEMA: how many of the
documents are denied, by PyYAML (its C loader) and jsonschema."""
import json
import sys

import jsonschema
import yaml


class Loader(yaml.CSafeLoader):
    """Without times: they stay text."""


Loader.yaml_implicit_resolvers = {
    first: [r for r in resolvers if not r[0].endswith(":timestamp")]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def read(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def main():
    documents, policy, *schemas = sys.argv[1:]
    deploy, build = (jsonschema.Draft7Validator(read(s)) for s in schemas)
    policy = read(policy)
    services, replicas = policy["services"], policy["replicas"]
    registered, deploys, denied = set(), [], 0
    with open(documents, encoding="utf-8") as f:
        texts = f.read().split("\n---\n")
    for text in texts:
        d = yaml.load(text, Loader)
        valid = (build if d["kind"] == "build" else deploy).is_valid(d)
        if not valid or d["service"] not in services or not d["summary"].strip():
            denied += 1
        elif d["kind"] == "build":
            registered.add((d["service"], d["version"]))
        else:
            deploys.append(d)
    for d in deploys:
        service = services[d["service"]]
        recipe = service["routes"].get(d["environment"])
        wanted = d.get("params", {}).get("replicas", replicas["min"])
        denied += not (
            recipe in service["recipes"]
            and (d["service"], d["version"]) in registered
            and replicas["min"] <= wanted <= replicas["max"]
        )
    print(denied)


main()
