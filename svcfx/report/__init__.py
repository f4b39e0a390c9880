"""What a bounce did, as something to look at."""

from svcfx.report.picture import draw as draw
from svcfx.report.subject import Subject as Subject
from svcfx.report.subject import Sung as Sung
from svcfx.report.subject import of_stem as of_stem
from svcfx.report.subject import sung as sung
