"""Reports on trainings, comparisons and plans, and their pictures.

::

    account/      a training's ledger: summary, sentences (verdict), JSON, page, pictures
    comparison/   a comparison of policies: sentences (verdict), page, pictures
    pictures/     one picture a file, drawn from plain arrays; style.py says how they look,
                  lowcarb/planning/policy_looks.py how each policy does
    templates/    what pages look like; page.py fills them in
    region_schedule.py, plan_picture.py   a plan by region and round, and its picture
"""
