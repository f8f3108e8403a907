"""What a partner's developer reads is true: the example message is read, the schemas fit together, the codes are those of the code."""

import ast
import re
import shutil
import time

import pytest
from lxml import etree

from imgate.adapters.registry import load_plugins
from imgate.bootstrap.partners import load_registry, partners_of
from imgate.record.problem_code import ProblemCode
from imgate.settings import load_settings
from imgate.transports.webhook import secret_key, signed_headers
from tests_root import ROOT
