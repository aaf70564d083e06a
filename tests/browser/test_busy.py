"""A server that has much to do: the panel says so, and stops saying so."""


def test_a_slow_server_is_called_busy_and_a_fast_one_is_not(scripts):
    said = scripts.evaluate(
        """async () => {
        const { Pulls } = await import(new URL("assets/live/pull.js", document.baseURI).href);
        const pulls = new Pulls(() => ({})), now = performance.now(), said = [];
        said.push(pulls.isSlow(now));
        for (let k = 0; k < 20; k++) pulls.measure(2500);
        said.push(pulls.isSlow(now));
        for (let k = 0; k < 20; k++) pulls.measure(100);
        said.push(pulls.isSlow(now));
        pulls.outstanding = { sequence: 1, at: now - 4000, action: "play" };
        said.push(pulls.isSlow(now));
        pulls.outstanding.action = "rest";
        said.push(pulls.isSlow(now));
        return said; }"""
    )
    assert said == [False, True, False, True, False]
