# Copyright (c) 2026, the voip.hardening authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IP phones: what a policy asks of one, in which parameters a vendor says that, the files that carry them, and what can
be seen of a phone from outside."""
