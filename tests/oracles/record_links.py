"""Records what links of all pages and views opened at commit 099b30b, where page scripts lay flat and every widget's key
was its bare name. Run there, with this repository's commands: python record_links.py > links.json
The Arena's bare link has another first race since, and was recorded again.
"""

import json
import sys
from pathlib import Path

from streamlit.testing.v1 import AppTest

SCRIPT = str(Path("pages/navigation.py").resolve())
VIEWS = {
    "ladder": "rate_ladder_run", "finder": "rate_finder_run", "map": "rate_map_run", "schedules": "rate_schedules_run",
    "stability": "rate_gauge_run",
}  # fmt: skip
LINKS = {
    "playground": [
        "", "data=spiral&n=500&noise=0.1&test=0.3&dseed=7&net=16-16&opt=adam&lr=0.01&batch=64&seed=3",
        "opt=momentum&opt.form=ema&opt.beta=0.5&sched=cosine&sched.total=500&l1=0.001&l2=0.01",
        "data=iris&x=petal%20length%20(cm)&y=petal%20width%20(cm)&feat=x1,x2,x1x2", "data=plane&loss=huber&act=identity&net=none",
        "net=4-3-2&act=relu-tanh-sine&init=normal&init.scale=2&discretise=true&show_test=false", "opt=lbfgs", "opt=adam",
        "lr=0.0371", "data=blobs&opt=rmsprop&opt.eps_in_sqrt=false&sched=one_cycle", "data=moons&seed=12&loss=mean_squared_error",
        "lr=1e99&net=999&opt=rm&data=../x&n=-5",
    ],
    "arena": [
        "", "lane1=opt:momentum&lane2=opt:adam,lr:0.01&lr=0.3", "opt=adam&lane1=lr:0.003&lane2=lr:0.3&panel=scores&target=0.05",
        "lr=0.1&lane0=batch:1&lane1=batch:32&lane2=batch:5000&name=one&panel=seeds&seeds=5", "fairness=same&common_rate=0.05",
        "fairness=evaluations&metric=test_loss&against=sample_gradients", "panel=weight&weight_layer=2&weight_from=3&weight_to=4",
        "panel=slow", "lane1=net:4-4,act:relu&lane2=loss:huber&lane3=seed:5,init:zeros", "data=spiral&net=16&seed=9&lane1=sched:cosine,sched.total:300",
        "show_test=false&discretise=true&lane1=l2:0.01,name:mine", "seeds=7&panel=nothing&lane1=opt:rm",
    ],
    "learning_rate": [
        "", "view=picture&eta=2&curvature=2&momentum=0.5&angle=45&steps=40&ratio=31.6", "view=picture&start=1.5&ravine_x=2&ravine_y=-1",
        "view=ladder", "view=ladder&low=0.01&high=10&rungs=9&opt=momentum&data=moons", "view=ladder&opt=newton",
        "view=finder&length=60&smoothing=0.5&opt=adam", "view=map&rates=5&runs=2&updates=100&measure=test_loss",
        "view=map&opt=sgd&lane1=opt:adam&low=0.01", "view=schedules", "view=schedules&sched=cosine&sched.total=400&lane1=sched:step&lr=0.5",
        "view=stability", "view=stability&compare=forms&eta=0.05", "view=stability&eta=0.2&opt=adam&data=circles", "view=nothing&eta=x",
    ],
    "landscape": [
        "", "plane=path&view=heatmap&norm=layer&draw=3&cells=31", "plane=weights&w1=5&w2=9&beside=network", "view=line&line=lanes&second=seed",
        "plane=points&second=adam&of=test", "view=surface&plane=random&norm=none&extent=2&log_loss=false", "beside=spectrum&hold=true",
        "show=permuted", "data=spiral&net=16-16&opt=adam&lr=0.01&of=regularised&l2=0.01", "from=arena", "cells=9999&plane=flat&show=nothing",
    ],
}  # fmt: skip
OWN = {
    "playground": ("show_test", "discretise"),
    "arena": ("show_test", "discretise", "panel", "fairness", "common_rate", "seeds", "metric", "against", "target", "weight_layer",
              "weight_from", "weight_to"),
    "landscape": ("show", "from", "run_lane", "other_lane", "second", "plane", "norm", "draw", "w1", "w2", "view", "line", "of",
                  "log_loss", "extent", "cells", "hold", "beside"),
    "picture": ("eta", "curvature", "ratio", "momentum", "angle", "steps", "start", "ravine_x", "ravine_y"),
    "ladder": ("show_test", "discretise", "low", "high", "rungs"),
    "finder": ("show_test", "discretise", "low", "high", "length", "smoothing"),
    "map": ("low", "high", "rates", "runs", "updates", "measure"), "schedules": ("show_test", "discretise"),
    "stability": ("show_test", "discretise", "compare", "eta"),
}  # fmt: skip


def opened(page: str, query: str) -> dict:
    """The experiment and the page's own settings after `query` was opened; how many warnings; the link that it became."""
    app = AppTest.from_file(SCRIPT, default_timeout=120)
    if page != "playground":
        app.switch_page(f"{page}.py")
    for item in filter(None, query.split("&")):
        key, _, value = item.partition("=")
        app.query_params[key] = value.replace("%20", " ")
    app.run()
    assert not app.exception, app.exception
    state, view = app.session_state, app.session_state["rate_view"] if page == "learning_rate" else page
    key = VIEWS.get(view, f"{view}_run")
    run = state.get(key)
    link = {k: v[-1] if isinstance(v, list) else v for k, v in app.query_params.items()}
    return dict(
        page=page, query=query, view=view, config=json.loads(run.config.to_json()) if run else None,
        options={name: state[name] for name in OWN[view]}, warnings=len(app.warning), link=link,
    )  # fmt: skip


if __name__ == "__main__":
    records = []
    for page, queries in LINKS.items():
        for query in queries:
            print(page, query, file=sys.stderr)
            records.append(opened(page, query))
    print(json.dumps(records, ensure_ascii=False).replace('{"page"', '\n{"page"'))
