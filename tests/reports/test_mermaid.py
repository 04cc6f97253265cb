from bundlert.config.graph import Graph, Vertex
from bundlert.reports.mermaid import to_mermaid


def test_a_graph_is_a_flowchart_from_what_is_needed_to_what_runs():
    graph = Graph(
        {"net": Vertex("net", "network", "UNet"), "run": Vertex("run", "run", '$f("@net")')}, [("run", "net")]
    )
    assert to_mermaid(graph) == (
        "flowchart LR\n"
        '  n0["<b>net</b><br/>UNet"]:::kind_network\n'
        '  n1["<b>run</b><br/>$f#40;#34;@net#34;#41;"]:::kind_run\n'
        "  n0 --> n1\n"
        "  classDef kind_network fill:#3b6fd422,stroke:#3b6fd4,color:#1f2933\n"
        "  classDef kind_run fill:#1f293322,stroke:#1f2933,color:#1f2933\n"
    )


def test_a_kind_of_two_words_is_one_class():
    assert ":::kind_my_kind\n" in to_mermaid(Graph({"a": Vertex("a", "my kind", "")}, []))
