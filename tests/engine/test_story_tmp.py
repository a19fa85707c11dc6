from datetime import date
import time
from tests.cast import INSTITUTIONS
from workflow.engine.invariants import broken

def test_story(world):
    w=world
    def ok():
        with w.database.read() as s:
            t=time.time(); b=broken(s); print("t",time.time()-t)
            assert b==[]
    r,cases=w.round(); ok()
    a,b,c,d=[cases[f"{n}人力资源有限公司"] for n in INSTITUTIONS]
    w.do(a,"report","clerk-0",statement="本年度依法经营，按时报送年度报告和统计，无违法违规。",files=[])
    w.to(date(2026,3,17),9); ok()
    for x in (a,b,c): w.climb(x)
    n=w.notice(r,[a,b,c]); ok()
    w.do(n,"publish","411000-leader"); ok()
    o=w.object(b); ok()
    w.to(date(2026,3,30)); ok()
    w.do(n,"confirm_cleared","411000-leader"); ok()
    w.do(o,"accept","411000-head2","section_head"); ok()
    w.do(o,"propose","411000-handler2",outcome="upheld",answer="经核查情况属实维持原结果。"); ok()
    w.do(o,"agree","411000-panel1" if 0 else "411000-head","section_head") if 0 else None
    print(w.case(o).state,w.case(o).step)
