// Check a proof of dxcp with the packages of Go's own checksum database: note
// for keys and signatures, tlog for the hash tree.
//
//	check PROOF.json PUBLIC_KEY
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type proof struct {
	Schema     string
	Checkpoint string
	From       string
	Path       []string
	Events     []struct {
		Index  int64
		Record string
		Path   []string
	}
}

func hashes(path []string) []tlog.Hash {
	var out []tlog.Hash
	for _, p := range path {
		h, err := tlog.ParseHash(p)
		need(err)
		out = append(out, h)
	}
	return out
}

func need(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// The text of a checkpoint, opened by the key: origin, size, root.
func open(text string, key note.Verifier) (size int64, root tlog.Hash) {
	n, err := note.Open([]byte(text), note.VerifierList(key))
	need(err)
	lines := strings.Split(n.Text, "\n")
	if lines[0] != key.Name() {
		need(fmt.Errorf("origin %q", lines[0]))
	}
	_, err = fmt.Sscan(lines[1], &size)
	need(err)
	root, err = tlog.ParseHash(lines[2])
	need(err)
	return size, root
}

func main() {
	var p proof
	data, err := os.ReadFile(os.Args[1])
	need(err)
	need(json.Unmarshal(data, &p))
	key, err := note.NewVerifier(os.Args[2])
	need(err)
	size, root := open(p.Checkpoint, key)
	if p.Schema == "dxcp.growth/1" {
		old, oldRoot := open(p.From, key)
		need(tlog.CheckTree(hashes(p.Path), size, root, old, oldRoot))
	}
	for _, e := range p.Events {
		leaf := tlog.RecordHash([]byte(e.Record))
		need(tlog.CheckRecord(hashes(e.Path), size, root, e.Index, leaf))
	}
}
