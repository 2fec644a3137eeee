<?php
require '/etc/inc/box.inc';
exit(box_ask('sleep', ['seconds' => (float)$argv[1], 'process' => (int)$argv[2]]) === true ? 0 : 1);
